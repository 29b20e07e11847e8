import Media
import Synchronization

/// The recent packets of one incoming layer, in order of arrival: written by the publisher's worker, read by every
/// worker that has viewers of it.
///
/// The memory is allocated once: `capacity` slots, each a `PacketInfo` and up to `maximumBytes` bytes. A packet's index
/// only grows; index *i* lives in slot *i* mod `capacity` until *i* + `capacity` takes its place.
///
/// Why `@unchecked Sendable` is right: the writer, and nobody else, calls `reserve`, `publish` and `publish(senderReport:)`. It
/// fills a slot and then publishes it with a releasing store of `head`; readers load `head` acquiring, so what they
/// read of a published slot was written before. A slot is written again only when the writer comes round, and readers refuse slots that are
/// nearer than `margin` packets to that. A reader that stalls for longer than `margin` packets take to arrive may still read a slot
/// while it is overwritten: `info(at:)` therefore checks again after copying and returns only what was whole, and
/// whoever used `bytes(at:)` asks `isStillValid` afterwards and throws away what it made of them. Lengths come from the
/// checked copy, so such a race can spoil bytes but never leave the slot.
package final class PacketRing: @unchecked Sendable {
    /// Extension block and payload of one packet.
    package static let maximumBytes = 1500

    /// Slots, a power of two.
    package let capacity: Int
    /// Slots a reader must keep away from the writer.
    package let margin: Int

    private let memory: UnsafeMutableRawPointer
    private let mask: Int64
    private let readable: Int64
    /// How many packets have been published: the next index.
    private let head = Atomic<Int64>(0)
    /// The writer's own copy of `head`.
    private var next: Int64 = 0
    /// The writer's own: the kernel has given all of the memory.
    private var hasPages = false
    private let report = ReportCell()
    /// Where the newest keyframe starts from which a decoder can go on; −1 while there is none.
    private let keyframe = Atomic<Int64>(-1)
    /// The newest packet with content that did not come late; −1 before the first.
    private let newest = Atomic<Int64>(-1)
    /// The writer's own sums, for `PacketInfo`.
    private var bytesStored: UInt32 = 0
    private var baseBytesStored: UInt32 = 0

    private static let bytesOffset = (MemoryLayout<PacketInfo>.stride + 63) & ~63
    private static let stride = (bytesOffset + maximumBytes + 63) & ~63

    /// - Parameter capacity: slots; a power of two, at least 16.
    package init(capacity: Int) {
        precondition(capacity >= 16 && capacity & (capacity - 1) == 0, "capacity is a power of two")
        self.capacity = capacity
        margin = capacity / 8
        mask = Int64(capacity - 1)
        readable = Int64(capacity - capacity / 8)
        memory = .allocate(byteCount: capacity * Self.stride, alignment: 64)
    }

    deinit {
        memory.deallocate()
    }

    // MARK: The writer

    /// Where the next packet's bytes go: room for `maximumBytes`. Nothing is visible before `publish`.
    package func reserve() -> UnsafeMutableRawPointer {
        if !hasPages { findPages() }
        // Every earlier head is visible to other cores before the first byte of this slot changes.
        atomicMemoryFence(ordering: .releasing)
        return slot(next) + Self.bytesOffset
    }

    /// Has the kernel find all of the memory, now that the stream has begun, and not page by page while packets wait.
    private func findPages() {
        hasPages = true
        for page in Swift.stride(from: 0, to: capacity * Self.stride, by: 4096) {
            memory.storeBytes(of: 0, toByteOffset: page, as: UInt8.self)
        }
    }

    /// Makes the reserved packet visible; sets and returns its index.
    @discardableResult
    package func publish(_ info: consuming PacketInfo) -> Int64 {
        precondition(info.byteCount <= Self.maximumBytes)
        info.index = next
        bytesStored &+= UInt32(info.byteCount)
        if info.vp8.temporalID == 0 { baseBytesStored &+= UInt32(info.byteCount) }
        info.bytesStored = bytesStored
        info.baseBytesStored = baseBytesStored
        slot(next).storeBytes(of: info, as: PacketInfo.self)
        next += 1
        head.store(next, ordering: .releasing)
        if info.kind == .media, !info.flags.contains(.late) {
            newest.store(info.index, ordering: .releasing)
            if info.isKeyframeStart { keyframe.store(info.index, ordering: .releasing) }
        }
        return info.index
    }

    /// What followed the last keyframe cannot be decoded from it any more: packets are missing for good, or the stream
    /// started over.
    package func forgetKeyframe() {
        keyframe.store(-1, ordering: .releasing)
    }

    /// A sender report, both in order and as `latestSenderReport`.
    package func publish(senderReport sample: SenderReportSample) {
        report.store(sample)
        _ = reserve()
        var info = PacketInfo()
        info.kind = .senderReport
        info.ntp = sample.ntp
        info.timestamp = sample.timestamp
        info.epoch = sample.epoch
        info.arrival = sample.arrival
        publish(info)
    }

    // MARK: Readers, on any thread

    /// The index that the next packet will get.
    package var end: Int64 { head.load(ordering: .acquiring) }

    /// The oldest index that may be read.
    package var start: Int64 { max(0, end - readable) }

    /// What is at `index`; nil when it is not written yet or too old.
    package func info(at index: Int64) -> PacketInfo? {
        let end = end
        guard index < end, index >= 0, end - index <= readable else { return nil }
        let info = slot(index).load(as: PacketInfo.self)
        return isStillValid(index) ? info : nil
    }

    /// The bytes of a packet whose `info(at:)` was just read: the extension block, then the payload.
    package func bytes(at index: Int64) -> UnsafeRawPointer {
        UnsafeRawPointer(slot(index) + Self.bytesOffset)
    }

    /// Whether what was read at `index` up to now is whole.
    package func isStillValid(_ index: Int64) -> Bool {
        // The reads before this stay before it.
        atomicMemoryFence(ordering: .acquiring)
        return head.load(ordering: .relaxed) - index < Int64(capacity)
    }

    /// The newest sender report, however old: what a viewer who joins now starts from.
    package var latestSenderReport: SenderReportSample? { report.load() }

    /// The first packet of the newest keyframe from which everything since can be decoded; nil when there is none, or
    /// none that can still be read.
    package var keyframeStart: PacketInfo? { info(at: keyframe.load(ordering: .acquiring)) }

    /// The newest packet with content that did not come late: what is live.
    package var newestMedia: PacketInfo? { info(at: newest.load(ordering: .acquiring)) }

    private func slot(_ index: Int64) -> UnsafeMutableRawPointer {
        memory + Int(index & mask) &* Self.stride
    }
}

extension PacketRing {
    /// A place in a ring. A value: a worker keeps one for each ring that it reads.
    package struct Reader: Sendable, BitwiseCopyable {
        /// The index that is read next.
        package private(set) var position: Int64
        /// Packets that were overwritten before this reader came to them.
        package private(set) var lost: Int64 = 0

        /// Starts with what comes next.
        package init(atEndOf ring: PacketRing) {
            position = ring.end
        }

        /// Starts at `position`, or as near to it as the ring still reaches.
        package init(at position: Int64) {
            self.position = position
        }

        /// Goes on from `position`; what is passed over counts as read.
        package mutating func skip(to position: Int64) {
            self.position = max(self.position, position)
        }

        /// The next packet; nil when everything has been read.
        package mutating func next(in ring: PacketRing) -> PacketInfo? {
            while position < ring.end {
                if let info = ring.info(at: position) {
                    position += 1
                    return info
                }
                let oldest = ring.start
                guard oldest > position else { continue }
                lost += oldest - position
                position = oldest
            }
            return nil
        }
    }
}

/// The newest sender report for readers on other threads: a sequence lock whose fields are all atomic.
private final class ReportCell: Sendable {
    private let version = Atomic<UInt64>(0)
    private let ntp = Atomic<UInt64>(0)
    private let clock = Atomic<UInt64>(0)
    private let arrival = Atomic<Int64>(0)

    func store(_ sample: SenderReportSample) {
        let before = version.load(ordering: .relaxed)
        version.store(before &+ 1, ordering: .relaxed)
        atomicMemoryFence(ordering: .releasing)
        ntp.store(sample.ntp, ordering: .relaxed)
        clock.store(UInt64(sample.epoch) << 32 | UInt64(sample.timestamp), ordering: .relaxed)
        arrival.store(sample.arrival.nanoseconds, ordering: .relaxed)
        version.store(before &+ 2, ordering: .releasing)
    }

    func load() -> SenderReportSample? {
        while true {
            let before = version.load(ordering: .acquiring)
            if before == 0 { return nil }
            let ntp = ntp.load(ordering: .relaxed)
            let clock = clock.load(ordering: .relaxed)
            let arrival = arrival.load(ordering: .relaxed)
            atomicMemoryFence(ordering: .acquiring)
            guard before & 1 == 0, version.load(ordering: .relaxed) == before else { continue }
            return SenderReportSample(
                ntp: ntp, timestamp: UInt32(truncatingIfNeeded: clock), epoch: UInt16(truncatingIfNeeded: clock >> 32),
                arrival: Instant(nanoseconds: arrival))
        }
    }
}
