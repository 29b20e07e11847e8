import CSocket
import Glibc
import Media

/// The memory of one `recvmmsg`, with the kernel's receive times; one a thread.
struct DatagramBatch: ~Copyable {
    static let capacity = 64
    static let slotSize = 2048

    private let slab: UnsafeMutableRawPointer
    private let controls: UnsafeMutableRawPointer
    private let controlSize = Int(golive_control_size())
    private let vectors: UnsafeMutablePointer<iovec>
    private let messages: UnsafeMutablePointer<golive_message>
    /// Messages whose control length the last call has changed.
    private var used = 0
    /// From the kernel's wall time to ours, of the last call.
    private var offset: Int64 = 0
    private(set) var now = Clock.now()

    init() {
        slab = .allocate(byteCount: Self.capacity * Self.slotSize, alignment: 64)
        controls = .allocate(byteCount: Self.capacity * controlSize, alignment: 8)
        vectors = .allocate(capacity: Self.capacity)
        messages = .allocate(capacity: Self.capacity)
        for i in 0..<Self.capacity {
            vectors[i] = iovec(iov_base: slab + i * Self.slotSize, iov_len: Self.slotSize)
            messages[i] = golive_message()
            messages[i].header.msg_iov = vectors + i
            messages[i].header.msg_iovlen = 1
            messages[i].header.msg_control = controls + i * controlSize
            messages[i].header.msg_controllen = controlSize
        }
    }

    deinit {
        slab.deallocate()
        controls.deallocate()
        vectors.deallocate()
        messages.deallocate()
    }

    /// Reads what is there without waiting; the number of datagrams.
    mutating func fill(from descriptor: Int32) -> Int {
        for i in 0..<used { messages[i].header.msg_controllen = controlSize }
        used = max(0, Int(golive_recvmmsg(descriptor, messages, UInt32(Self.capacity), Int32(MSG_DONTWAIT))))
        now = Clock.now()
        offset = now.nanoseconds - Clock.wall()
        return used
    }

    func datagram(_ i: Int) -> (start: UnsafeMutableRawPointer, length: Int) {
        (slab + i * Self.slotSize, Int(messages[i].length))
    }

    /// When the kernel received datagram `i`.
    func arrival(_ i: Int) -> Instant {
        let wall = golive_receive_timestamp(messages + i)
        return wall == 0 ? now : min(now, Instant(nanoseconds: wall + offset))
    }
}
