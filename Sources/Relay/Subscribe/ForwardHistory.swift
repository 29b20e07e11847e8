import CPrefetch
package import Media

/// What was sent to one viewer lately, by outgoing sequence number: enough to send any of it again without keeping a
/// copy. Memory is allocated once.
package struct ForwardHistory: ~Copyable {
    /// 32 bytes: a viewer has hundreds of these. All of a rewrite but its SSRC, which a stream's have alike: the same number
    /// never goes out with other bytes (AES-GCM).
    private struct Entry: BitwiseCopyable {
        /// In the ring; -1 for an entry that is not used.
        var index: Int64 = -1
        var timestamp: UInt32 = 0
        /// When it was last sent again: microseconds, modulo 2³².
        var resent: UInt32 = 0
        var sequence: UInt16 = 0
        var pictureID: UInt16 = 0
        var byteCount: UInt16 = 0
        var tl0PictureIndex: UInt8 = 0
        var omitted: UInt16 = 0
        var playoutDelay: PlayoutDelay.Units = 0
        var payloadType: UInt8 = 0
        var layer: UInt8 = 0
        var flags: Rewrite.Flags = []
        /// Times sent again.
        var resends: UInt8 = 0
    }

    /// Times one packet is sent again at most.
    package static let maximumResends = 10
    /// A repeated request within this time, or within three quarters of the round trip if that is longer, is for the copy
    /// on its way. Clients measure their own round trip, or take 100 ms: a request that were refused for coming a little
    /// early would cost the picture another.
    package static let minimumInterval = Duration.milliseconds(10)

    private let entries: UnsafeMutablePointer<Entry>
    /// Packets remembered.
    package let capacity: Int
    private let mask: Int
    /// Of all packets that are recorded.
    private let ssrc: UInt32

    /// - Parameter capacity: packets remembered, a power of two. 512 suits video, 128 audio.
    package init(capacity: Int, ssrc: UInt32) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0, "capacity is a power of two")
        self.capacity = capacity
        mask = capacity - 1
        self.ssrc = ssrc
        entries = .allocate(capacity: capacity)
        entries.initialize(repeating: Entry(), count: capacity)
    }

    deinit {
        entries.deallocate()
    }

    /// - Parameter byteCount: of the packet; with it its retransmissions are paid for.
    package mutating func record(_ rewrite: Rewrite, byteCount: Int = 0) {
        entries[Int(rewrite.sequence) & mask] = Entry(
            index: rewrite.index, timestamp: rewrite.timestamp, sequence: rewrite.sequence,
            pictureID: rewrite.pictureID, byteCount: UInt16(clamping: byteCount),
            tl0PictureIndex: rewrite.tl0PictureIndex, omitted: rewrite.omitted, playoutDelay: rewrite.playoutDelay,
            payloadType: rewrite.payloadType, layer: rewrite.layer, flags: rewrite.flags)
    }

    /// Asks the processor to fetch where the packet with this number will be recorded.
    @inline(__always)
    func prefetch(_ sequence: UInt16) {
        golive_prefetch(entries + (Int(sequence) & mask), MemoryLayout<Entry>.stride)
    }

    /// The size that was recorded with a packet; 0 when it is not remembered.
    package func byteCount(of sequence: UInt16) -> Int {
        contains(sequence) ? Int(entries[Int(sequence) & mask].byteCount) : 0
    }

    /// Whether a packet with this number was sent and is remembered.
    package func contains(_ sequence: UInt16) -> Bool {
        let entry = entries + (Int(sequence) & mask)
        return entry.pointee.index >= 0 && entry.pointee.sequence == sequence
    }

    /// The packet to send again; nil when it was never sent, is forgotten, was asked for a moment ago or too often.
    package mutating func resend(_ sequence: UInt16, now: Instant, roundTrip: Duration) -> Rewrite? {
        guard contains(sequence) else { return nil }
        let entry = entries + (Int(sequence) & mask)
        let micros = UInt32(truncatingIfNeeded: now.nanoseconds / 1000)
        let since = Duration.microseconds(Int64(micros &- entry.pointee.resent))
        if entry.pointee.resends > 0, since < max(roundTrip * 0.75, Self.minimumInterval) { return nil }
        guard entry.pointee.resends < Self.maximumResends else { return nil }
        entry.pointee.resends += 1
        entry.pointee.resent = micros
        let sent = entry.pointee
        return Rewrite(
            index: sent.index, ssrc: ssrc, timestamp: sent.timestamp, sequence: sent.sequence,
            pictureID: sent.pictureID, tl0PictureIndex: sent.tl0PictureIndex, playoutDelay: sent.playoutDelay,
            payloadType: sent.payloadType, layer: sent.layer, flags: sent.flags, omitted: sent.omitted)
    }
}
