import Glibc
import Media

@testable import Relay

/// A TCP connection over the loopback interface with packets framed in it, to whatever is sent to first.
final class LoopbackStream: PeerSocket {
    private(set) var descriptor: Int32 = -1
    private var remote: TransportAddress?
    private var reader = FrameReader()
    private var unread: [UInt8] = []
    /// The relay closed it.
    private(set) var isEnded = false

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Connects; does nothing the second time.
    func connect(to destination: TransportAddress) {
        guard descriptor < 0 else { return }
        descriptor = socket(destination.isIPv4 ? AF_INET : AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        precondition(descriptor >= 0, "no TCP socket")
        remote = destination
        let raw = UnsafeMutableRawPointer.allocate(byteCount: 32, alignment: 8)
        defer { raw.deallocate() }
        let length = destination.write(to: raw)
        isEnded = Glibc.connect(descriptor, raw.assumingMemoryBound(to: sockaddr.self), length) != 0
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    func send(_ datagram: [UInt8], to destination: TransportAddress) {
        connect(to: destination)
        send(raw: [UInt8(datagram.count >> 8), UInt8(datagram.count & 255)] + datagram)
    }

    /// Bytes as they are; waits for room, and gives up where the relay has ended the connection.
    func send(raw bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty, !isEnded {
            let written = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL))
            }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno == EAGAIN {
                var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&request, 1, 100)
            } else {
                isEnded = true
            }
        }
    }

    func receive() -> (start: UnsafeMutableRawPointer, length: Int, sender: TransportAddress)? {
        if let length = next() { return (reader.packet, length, remote!) }
        guard descriptor >= 0 else { return nil }
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: 65536, alignment: 8)
        defer { buffer.deallocate() }
        let count = recv(descriptor, buffer, 65536, 0)
        if count == 0 || (count < 0 && errno != EAGAIN) { isEnded = true }
        guard count > 0 else { return nil }
        unread += Array(UnsafeRawBufferPointer(start: buffer, count: count))
        return next().map { (reader.packet, $0, remote!) }
    }

    private func next() -> Int? {
        let (length, left) = unread.withUnsafeBytes { bytes -> (Int?, Int) in
            var input = bytes
            let length = try! reader.next(in: &input)
            return (length, input.count)
        }
        unread = unread.suffix(left)
        return length
    }
}
