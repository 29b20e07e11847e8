import CSocket
import Glibc
import Media

/// The ring that outgoing packets are written and sealed into, handed to the kernel 64 at a time.
///
/// Packets to one address that follow one another and are of one length, the last perhaps shorter, are one message to the
/// kernel, which cuts it up again (UDP_SEGMENT): most of what sending costs is a message's, not a byte's.
struct SendBatch: ~Copyable {
    static let capacity = 64
    static let slotSize = 2048
    /// Bytes of the longest message: what an IP packet can say of itself, with room for headers.
    private static let maximumMessage = 60_000

    private let descriptor: Int32
    private let slab: UnsafeMutableRawPointer
    private let addresses: UnsafeMutableRawPointer
    private let controls: UnsafeMutableRawPointer
    private let controlSize = Int(golive_segment_control_size())
    private let vectors: UnsafeMutablePointer<iovec>
    private let messages: UnsafeMutablePointer<golive_message>
    /// When the packet's original was received, for the latency histogram; 0: not forwarded media.
    private let arrivals: UnsafeMutablePointer<Int64>
    /// Packets, and the messages that they make.
    private var count = 0
    private var messageCount = 0
    /// What the next packet has to be like to become part of the last message; nil when nothing can.
    private var run: Run?
    /// Whether the kernel, and the network's device, cut messages up.
    private var cutsMessages: Bool

    private struct Run: BitwiseCopyable {
        let address: TransportAddress
        /// Bytes of each packet; the last may have fewer.
        let length: Int
        /// Bytes of all of them.
        var total: Int
    }

    init(descriptor: Int32) {
        self.descriptor = descriptor
        cutsMessages = golive_cuts_messages(descriptor) != 0
        slab = .allocate(byteCount: Self.capacity * Self.slotSize, alignment: 64)
        addresses = .allocate(byteCount: Self.capacity * 32, alignment: 8)
        controls = .allocate(byteCount: Self.capacity * controlSize, alignment: 8)
        vectors = .allocate(capacity: Self.capacity)
        messages = .allocate(capacity: Self.capacity)
        arrivals = .allocate(capacity: Self.capacity)
        for i in 0..<Self.capacity {
            vectors[i] = iovec(iov_base: slab + i * Self.slotSize, iov_len: 0)
            messages[i] = golive_message()
            messages[i].header.msg_name = addresses + i * 32
        }
    }

    deinit {
        slab.deallocate()
        addresses.deallocate()
        controls.deallocate()
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
        arrivals[count] = arrival?.nanoseconds ?? 0
        if let run, run.length >= length, run.total &+ length <= Self.maximumMessage, run.address == address {
            extend(run, by: length)
        } else {
            let message = messages + messageCount
            message.pointee.header.msg_iov = vectors + count
            message.pointee.header.msg_iovlen = 1
            message.pointee.header.msg_controllen = 0
            message.pointee.header.msg_namelen = address.write(to: addresses + messageCount &* 32)
            messageCount &+= 1
            run = cutsMessages ? Run(address: address, length: length, total: length) : nil
        }
        count &+= 1
    }

    /// Makes the next packet a part of the last message.
    private mutating func extend(_ run: Run, by length: Int) {
        let last = messageCount &- 1
        // A pointer of its own: writing through `messages[last]` breaks the compiler when it instruments for ThreadSanitizer.
        let message = messages + last
        if message.pointee.header.msg_iovlen == 1 {
            golive_set_segment_size(message, controls + last &* controlSize, UInt16(run.length))
        }
        message.pointee.header.msg_iovlen &+= 1
        self.run = length < run.length ? nil : Run(address: run.address, length: length, total: run.total &+ length)
    }

    /// Sends everything. A full socket buffer drops the rest: media that waits is media that is late.
    mutating func flush(counting counters: inout WorkerCounters) {
        guard count > 0 else { return }
        var (sent, failed) = (0, 0)
        while sent < messageCount {
            let result = golive_sendmmsg(descriptor, messages + sent, UInt32(messageCount - sent), 0)
            if result > 0 {
                sent += Int(result)
                continue
            }
            if errno == EINTR { continue }
            if errno == EAGAIN || errno == EWOULDBLOCK { break }
            // This one destination is unreachable; the others are not to suffer.
            failed += retry(messages[sent].header, after: errno)
            sent += 1
        }
        account(messages: sent, failed: failed, to: &counters)
        count = 0
        messageCount = 0
        run = nil
    }

    /// Sends the packets of a message that was refused one by one, for perhaps only its cutting was not possible: the device
    /// does not do it, or the path carries less than a packet. Returns how many could not be sent either.
    private mutating func retry(_ message: msghdr, after reason: Int32) -> Int {
        guard message.msg_iovlen > 1 else { return 1 }
        if reason == EIO { cutsMessages = false }
        var failed = 0
        for i in 0..<Int(message.msg_iovlen) {
            var single = message
            single.msg_iov = message.msg_iov + i
            single.msg_iovlen = 1
            single.msg_control = nil
            single.msg_controllen = 0
            if sendmsg(descriptor, &single, 0) < 0 { failed += 1 }
        }
        return failed
    }

    private func account(messages sent: Int, failed: Int, to counters: inout WorkerCounters) {
        let packets = sent == messageCount ? count : messages[sent].header.msg_iov - vectors
        let now = Clock.now().nanoseconds
        for i in 0..<packets {
            counters.bytesOut &+= UInt64(vectors[i].iov_len)
            if arrivals[i] != 0 { counters.forwarding.record(nanoseconds: now &- arrivals[i]) }
        }
        counters.packetsOut &+= UInt64(packets - failed)
        counters.count(.sendFailed, UInt64(failed))
        counters.count(.socketBufferFull, UInt64(count - packets))
    }
}
