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

/// The memory of one `recvmmsg`; one a thread.
struct DatagramBatch: ~Copyable {
    static let capacity = 64
    static let slotSize = 2048

    private let slab: UnsafeMutableRawPointer
    private let vectors: UnsafeMutablePointer<iovec>
    private let messages: UnsafeMutablePointer<golive_message>

    init() {
        slab = .allocate(byteCount: Self.capacity * Self.slotSize, alignment: 64)
        vectors = .allocate(capacity: Self.capacity)
        messages = .allocate(capacity: Self.capacity)
        for i in 0..<Self.capacity {
            vectors[i] = iovec(iov_base: slab + i * Self.slotSize, iov_len: Self.slotSize)
            messages[i] = golive_message()
            messages[i].header.msg_iov = vectors + i
            messages[i].header.msg_iovlen = 1
        }
    }

    deinit {
        slab.deallocate()
        vectors.deallocate()
        messages.deallocate()
    }

    /// Reads what is there without waiting; the number of datagrams.
    mutating func fill(from descriptor: Int32) -> Int {
        max(0, Int(golive_recvmmsg(descriptor, messages, UInt32(Self.capacity), Int32(MSG_DONTWAIT))))
    }

    func datagram(_ i: Int) -> (start: UnsafeMutableRawPointer, length: Int) {
        (slab + i * Self.slotSize, Int(messages[i].length))
    }
}
