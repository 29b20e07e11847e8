import CSocket
import Glibc
import Media

/// A worker's own listener for media over TCP (RFC 6544, passive). As with UDP, all workers bind one port with
/// SO_REUSEPORT, and the kernel chooses who accepts a connection.
final class TCPListener {
    let descriptor: Int32
    let localPort: Int

    /// Connections that the kernel holds until they are accepted.
    private static let backlog: Int32 = 256
    /// Bytes that may wait in the kernel where the peer takes them slowly: what waits there cannot be dropped any more.
    private static let unsentLimit: Int32 = 32 << 10

    /// Binds `host` (an address literal) and `port`; port 0 lets the kernel choose.
    convenience init(host: String, port: Int) throws(RelayStartError) {
        try self.init(host: host, port: port, isShared: true)
        guard listen(descriptor, Self.backlog) == 0 else { throw RelayStartError("listen TCP \(host):\(port)", errno) }
    }

    /// Throws when anybody has the port already, be they willing to share it or not.
    static func check(host: String, port: Int) throws(RelayStartError) {
        _ = try TCPListener(host: host, port: port, isShared: false)
    }

    private init(host: String, port: Int, isShared: Bool) throws(RelayStartError) {
        let address = try TransportAddress(bindable: host, port: port)
        descriptor = golive_tcp_socket(address.isIPv4 ? AF_INET : AF_INET6)
        guard descriptor >= 0 else { throw RelayStartError("TCP socket", errno) }
        if !isShared {
            var off: Int32 = 0
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &off, socklen_t(MemoryLayout<Int32>.size))
        }
        guard let bound = address.bind(descriptor) else {
            let reason = errno
            close(descriptor)
            throw RelayStartError("bind TCP \(host):\(port)", reason)
        }
        localPort = bound
    }

    deinit { close(descriptor) }

    enum Accepted {
        case connection(TCPSocket, from: TransportAddress)
        /// Nobody waits.
        case none
        /// The process has no descriptor left; who waits goes on waiting.
        case exhausted
    }

    /// The next connection, or why there is none.
    func accept() -> Accepted {
        withUnsafeTemporaryAllocation(byteCount: TransportAddress.socketAddressCapacity, alignment: 8) { raw in
            let name = raw.baseAddress!
            while true {
                var length = socklen_t(TransportAddress.socketAddressCapacity)
                let accepted = golive_accept(
                    descriptor, name.assumingMemoryBound(to: sockaddr.self), &length, Self.unsentLimit)
                if accepted >= 0 {
                    let socket = TCPSocket(descriptor: accepted)
                    guard let address = TransportAddress(socketAddress: name) else { continue }
                    return .connection(socket, from: address)
                }
                switch errno {
                case EAGAIN, EWOULDBLOCK: return .none
                case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
                // The peer was gone before it was taken (accept(2)).
                default: continue
                }
            }
        }
    }
}

/// One accepted connection's descriptor, closed with its last owner.
final class TCPSocket: Sendable {
    let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }
}
