import Glibc
import Media

@testable import Relay

/// How a test peer reaches the relay over the loopback interface.
enum PeerPath: CaseIterable, Sendable {
    case udp, udpOverIPv6, tcp, tcpOverIPv6

    var isTCP: Bool { self == .tcp || self == .tcpOverIPv6 }
    var isIPv4: Bool { self == .udp || self == .tcp }

    func makeSocket() -> any PeerSocket {
        isTCP ? LoopbackStream() : LoopbackSocket(isIPv4: isIPv4)
    }
}

/// Sends and receives packets, for one thread at a time.
protocol PeerSocket: AnyObject {
    func send(_ datagram: [UInt8], to destination: TransportAddress)
    /// The next packet that is there, in memory that holds until the next call.
    func receive() -> (start: UnsafeMutableRawPointer, length: Int, sender: TransportAddress)?
}

/// A UDP socket on the loopback interface.
final class LoopbackSocket: PeerSocket {
    let descriptor: Int32
    let address: TransportAddress
    private let buffer = UnsafeMutableRawPointer.allocate(byteCount: 4096, alignment: 64)

    init(isIPv4: Bool = true) {
        descriptor = socket(isIPv4 ? AF_INET : AF_INET6, Int32(SOCK_DGRAM.rawValue), 0)
        precondition(descriptor >= 0, "no UDP socket")
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        var size: Int32 = 4 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        let raw = UnsafeMutableRawPointer.allocate(byteCount: 32, alignment: 8)
        defer { raw.deallocate() }
        var length = TransportAddress(isIPv4 ? "127.0.0.1" : "::1", port: 0)!.write(to: raw)
        let name = raw.assumingMemoryBound(to: sockaddr.self)
        precondition(bind(descriptor, name, length) == 0, "cannot bind")
        getsockname(descriptor, name, &length)
        address = TransportAddress(socketAddress: raw)!
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    func send(_ datagram: [UInt8], to destination: TransportAddress) {
        let raw = UnsafeMutableRawPointer.allocate(byteCount: 32, alignment: 8)
        defer { raw.deallocate() }
        let length = destination.write(to: raw)
        _ = sendto(descriptor, datagram, datagram.count, 0, raw.assumingMemoryBound(to: sockaddr.self), length)
    }

    func receive() -> (start: UnsafeMutableRawPointer, length: Int, sender: TransportAddress)? {
        let raw = UnsafeMutableRawPointer.allocate(byteCount: 32, alignment: 8)
        defer { raw.deallocate() }
        var length = socklen_t(32)
        let count = recvfrom(descriptor, buffer, 4096, 0, raw.assumingMemoryBound(to: sockaddr.self), &length)
        guard count > 0, let sender = TransportAddress(socketAddress: raw) else { return nil }
        return (buffer, count, sender)
    }

    /// Whether the answer to a connectivity check is among what is there; reads everything up to it.
    func receives(answerTo check: [UInt8]) -> Bool {
        while let (start, length, _) = receive() {
            // The cookie and the transaction that it is of (RFC 8489 §5).
            if length >= 20, UnsafeRawBufferPointer(start: start + 4, count: 16).elementsEqual(check[4..<20]) {
                return true
            }
        }
        return false
    }

    /// Waits until something is there, or for so many milliseconds.
    func wait(milliseconds: Int32) {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&request, 1, milliseconds)
    }
}
