import CSocket
import Glibc
import Media

/// A peer's TCP connection on the worker that its session lives on: packets framed as RFC 4571 has it, in and out.
final class TCPConnection {
    let number: UInt32
    let socket: TCPSocket
    /// The far end.
    let address: TransportAddress
    let accepted: Instant
    var reader = FrameReader()
    /// The worker that the connection goes to once the packet at hand is done with; nil: it stays.
    var nextHome: Mailbox?
    private var output = TCPOutput()
    /// Whether the worker waits for room to write.
    var awaitsRoom = false

    init(_ socket: TCPSocket, address: TransportAddress, accepted: Instant) {
        number = address.tcpConnection
        self.socket = socket
        self.address = address
        self.accepted = accepted
    }

    /// Whether something of a packet has been written and something is left, or whole packets wait.
    var hasOutput: Bool { !output.isEmpty }

    /// False: there was no room, and the packet is lost whole.
    func append(_ packet: UnsafeMutableRawPointer, _ length: Int) -> Bool {
        output.append(packet, length)
    }

    /// Writes what the kernel takes now.
    func flush() {
        output.write(to: socket.descriptor)
    }
}

/// What waits to be written to one TCP connection. When it is full whole packets are dropped: late media is of no use,
/// and DTLS and SCTP repeat by themselves. Half a packet never is, for the stream could not be read on.
struct TCPOutput: ~Copyable {
    /// Bytes: more than a keyframe in one burst, and less than a second of a picture worth looking at.
    static let capacity = 128 << 10

    /// Made with the first packet, which only a peer that passed a check gets.
    private var memory: UnsafeMutableRawPointer?
    private var start = 0
    private var end = 0

    deinit { memory?.deallocate() }

    var isEmpty: Bool { start == end }

    mutating func append(_ packet: UnsafeMutableRawPointer, _ length: Int) -> Bool {
        let size = FrameReader.headerSize + length
        guard end - start + size <= Self.capacity else { return false }
        let memory = memory ?? .allocate(byteCount: Self.capacity, alignment: 2)
        self.memory = memory
        if end + size > Self.capacity {
            memory.copyMemory(from: memory + start, byteCount: end - start)
            (start, end) = (0, end - start)
        }
        FrameReader.writeHeader(length: length, to: memory + end)
        (memory + end + FrameReader.headerSize).copyMemory(from: packet, byteCount: length)
        end += size
        return true
    }

    /// Writes what the kernel takes without waiting; to a broken connection, nothing ever again.
    mutating func write(to descriptor: Int32) {
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        while start < end {
            let written = send(descriptor, memory! + start, end - start, flags)
            if written > 0 {
                start += written
            } else if errno == EAGAIN || errno == EWOULDBLOCK {
                return
            } else if errno != EINTR {
                break
            }
        }
        (start, end) = (0, 0)
    }
}
