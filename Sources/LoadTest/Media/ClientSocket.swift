import CSocket
import Glibc
import Media

/// A UDP socket of one peer, connected to the server. For the thread that owns it.
final class ClientSocket {
    let descriptor: Int32
    let server: TransportAddress

    /// Throws when none of the candidates can be reached from here; the first that can is taken.
    init(_ candidates: [ICECandidate]) throws(LoadTestError) {
        for candidate in candidates {
            guard let address = candidate.transportAddress else { continue }
            let descriptor = golive_udp_socket(address.isIPv4 ? AF_INET : AF_INET6)
            // A port of its own: shared ones may be given twice, and two peers at one address cannot be told apart.
            var off: Int32 = 0
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &off, socklen_t(MemoryLayout<Int32>.size))
            if descriptor >= 0, Self.connect(descriptor, candidate) {
                // What a busy generator reads late did not arrive late.
                _ = golive_enable_receive_timestamps(descriptor)
                self.descriptor = descriptor
                server = address
                return
            }
            if descriptor >= 0 { close(descriptor) }
        }
        throw .unreachable
    }

    deinit { close(descriptor) }

    private static func connect(_ descriptor: Int32, _ candidate: ICECandidate) -> Bool {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(candidate.address, "\(candidate.port)", &hints, &found) == 0, let found else { return false }
        defer { freeaddrinfo(found) }
        return Glibc.connect(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0
    }

    /// What does not fit into the socket is lost, as on any network.
    func send(_ start: UnsafeRawPointer, _ length: Int) {
        _ = Glibc.send(descriptor, start, length, 0)
    }

    func send(_ datagram: [UInt8]) {
        datagram.withUnsafeBytes { send($0.baseAddress!, $0.count) }
    }
}
