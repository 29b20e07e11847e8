import CSocket
import Glibc
import Media

/// The memory of one `recvmmsg`: up to 64 datagrams with their senders and the kernel's receive times.
struct ReceiveBatch: ~Copyable {
    static let capacity = 64
    /// Room for the largest datagram that a path carries, and for what is written around it in place.
    static let slotSize = 2048

    private let slab: UnsafeMutableRawPointer
    private let addresses: UnsafeMutableRawPointer
    private let controls: UnsafeMutableRawPointer
    private let controlSize = Int(golive_control_size())
    private let vectors: UnsafeMutablePointer<iovec>
    private let messages: UnsafeMutablePointer<golive_message>

    init() {
        slab = .allocate(byteCount: Self.capacity * Self.slotSize, alignment: 64)
        addresses = .allocate(byteCount: Self.capacity * 32, alignment: 8)
        controls = .allocate(byteCount: Self.capacity * controlSize, alignment: 8)
        vectors = .allocate(capacity: Self.capacity)
        messages = .allocate(capacity: Self.capacity)
        for i in 0..<Self.capacity {
            vectors[i] = iovec(iov_base: slab + i * Self.slotSize, iov_len: Self.slotSize)
            messages[i] = golive_message()
            messages[i].header.msg_iov = vectors + i
            messages[i].header.msg_iovlen = 1
            messages[i].header.msg_name = addresses + i * 32
            messages[i].header.msg_control = controls + i * controlSize
        }
    }

    deinit {
        slab.deallocate()
        addresses.deallocate()
        controls.deallocate()
        vectors.deallocate()
        messages.deallocate()
    }

    /// Reads what is there without waiting; the number of datagrams.
    mutating func fill(from descriptor: Int32) -> Int {
        for i in 0..<Self.capacity {
            messages[i].header.msg_namelen = 32
            messages[i].header.msg_controllen = controlSize
        }
        return max(0, Int(golive_recvmmsg(descriptor, messages, UInt32(Self.capacity), Int32(MSG_DONTWAIT))))
    }

    /// The bytes of datagram `i`; the whole slot may be written.
    func datagram(_ i: Int) -> (start: UnsafeMutableRawPointer, length: Int) {
        (slab + i * Self.slotSize, Int(messages[i].length))
    }

    func sender(_ i: Int) -> TransportAddress? {
        TransportAddress(socketAddress: addresses + i * 32)
    }

    /// Larger than a slot: the kernel cut it.
    func isTruncated(_ i: Int) -> Bool {
        messages[i].header.msg_flags & Int32(MSG_TRUNC) != 0
    }

    /// Nanoseconds since 1970; 0 without a stamp.
    func wallReceiveTime(_ i: Int) -> Int64 {
        golive_receive_timestamp(messages + i)
    }
}
