import CSocket
import Glibc
import Media

/// The ring that outgoing packets are written and sealed into, handed to the kernel 64 at a time.
struct SendBatch: ~Copyable {
    static let capacity = 64
    static let slotSize = 2048

    private let descriptor: Int32
    private let slab: UnsafeMutableRawPointer
    private let addresses: UnsafeMutableRawPointer
    private let vectors: UnsafeMutablePointer<iovec>
    private let messages: UnsafeMutablePointer<golive_message>
    /// When the packet's original was received, for the latency histogram; 0: not forwarded media.
    private let arrivals: UnsafeMutablePointer<Int64>
    private var count = 0

    init(descriptor: Int32) {
        self.descriptor = descriptor
        slab = .allocate(byteCount: Self.capacity * Self.slotSize, alignment: 64)
        addresses = .allocate(byteCount: Self.capacity * 32, alignment: 8)
        vectors = .allocate(capacity: Self.capacity)
        messages = .allocate(capacity: Self.capacity)
        arrivals = .allocate(capacity: Self.capacity)
        for i in 0..<Self.capacity {
            vectors[i] = iovec(iov_base: slab + i * Self.slotSize, iov_len: 0)
            messages[i] = golive_message()
            messages[i].header.msg_iov = vectors + i
            messages[i].header.msg_iovlen = 1
            messages[i].header.msg_name = addresses + i * 32
        }
    }

    deinit {
        slab.deallocate()
        addresses.deallocate()
        vectors.deallocate()
        messages.deallocate()
        arrivals.deallocate()
    }

    var isEmpty: Bool { count == 0 }
    var isFull: Bool { count == Self.capacity }

    /// Where the next packet is to be written. The batch must not be full.
    @inline(__always)
    var nextSlot: UnsafeMutableRawPointer { slab + count &* Self.slotSize }

    /// Takes what was written to `nextSlot` into the batch.
    @inline(__always)
    mutating func commit(length: Int, to address: TransportAddress, arrival: Instant?) {
        vectors[count].iov_len = length
        messages[count].header.msg_namelen = address.write(to: addresses + count &* 32)
        arrivals[count] = arrival?.nanoseconds ?? 0
        count &+= 1
    }

    /// Sends everything. A full socket buffer drops the rest: media that waits is media that is late.
    mutating func flush(counting counters: inout WorkerCounters) {
        guard count > 0 else { return }
        var sent = 0
        while sent < count {
            let result = golive_sendmmsg(descriptor, messages + sent, UInt32(count - sent), 0)
            if result > 0 {
                for i in sent..<sent + Int(result) { counters.bytesOut &+= UInt64(vectors[i].iov_len) }
                sent += Int(result)
                continue
            }
            if errno == EINTR { continue }
            if errno == EAGAIN || errno == EWOULDBLOCK {
                counters.count(.socketBufferFull, UInt64(count - sent))
                break
            }
            // This one destination is unreachable; the others are not to suffer.
            counters.count(.sendFailed)
            sent += 1
        }
        counters.packetsOut &+= UInt64(sent)
        let now = Clock.now().nanoseconds
        for i in 0..<sent where arrivals[i] != 0 {
            counters.forwarding.record(nanoseconds: now &- arrivals[i])
        }
        count = 0
    }
}
