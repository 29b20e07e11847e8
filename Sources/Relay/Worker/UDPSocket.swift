import CSocket
import Glibc
import Media

/// A worker's own UDP socket. All workers bind the same port with SO_REUSEPORT, so that the kernel always hands one
/// peer's datagrams to the same worker.
final class UDPSocket {
    let descriptor: Int32
    let localPort: Int

    /// Binds `host` (an address literal) and `port`; port 0 lets the kernel choose.
    convenience init(host: String, port: Int) throws(RelayStartError) {
        try self.init(host: host, port: port, isShared: true)
    }

    /// Throws when anybody has the port already, be they willing to share it or not.
    static func check(host: String, port: Int) throws(RelayStartError) {
        _ = try UDPSocket(host: host, port: port, isShared: false)
    }

    private init(host: String, port: Int, isShared: Bool) throws(RelayStartError) {
        let address = try TransportAddress(bindable: host, port: port)
        descriptor = golive_udp_socket(address.isIPv4 ? AF_INET : AF_INET6)
        guard descriptor >= 0 else { throw RelayStartError("UDP socket", errno) }
        if !isShared {
            var off: Int32 = 0
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &off, socklen_t(MemoryLayout<Int32>.size))
        }
        _ = golive_enable_receive_timestamps(descriptor)
        guard let bound = address.bind(descriptor) else {
            let reason = errno
            close(descriptor)
            throw RelayStartError("bind UDP \(host):\(port)", reason)
        }
        localPort = bound
    }

    /// Waits for something to read; false when nothing came.
    func wait(_ duration: Duration) -> Bool {
        golive_wait_readable(descriptor, duration.inNanoseconds) > 0
    }

    deinit { close(descriptor) }
}
