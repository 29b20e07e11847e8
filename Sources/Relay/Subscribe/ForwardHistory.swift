package import Media

/// What was sent to one viewer lately, by outgoing sequence number: enough to send any of it again without keeping a
/// copy. Memory is allocated once.
package struct ForwardHistory: ~Copyable {
    private struct Entry: BitwiseCopyable {
        var rewrite: Rewrite
        var byteCount: Int
        var resent: Instant
        /// Times sent again.
        var resends: UInt8
        var isUsed: Bool
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

    /// - Parameter capacity: packets remembered, a power of two. 512 suits video, 128 audio.
    package init(capacity: Int) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0, "capacity is a power of two")
        self.capacity = capacity
        mask = capacity - 1
        entries = .allocate(capacity: capacity)
        let empty = Rewrite(index: 0, ssrc: 0, timestamp: 0, sequence: 0, payloadType: 0, layer: 0)
        entries.initialize(
            repeating: Entry(rewrite: empty, byteCount: 0, resent: Instant(nanoseconds: 0), resends: 0, isUsed: false),
            count: capacity)
    }

    deinit {
        entries.deallocate()
    }

    package mutating func record(_ rewrite: Rewrite, byteCount: Int = 0) {
        entries[Int(rewrite.sequence) & mask] = Entry(
            rewrite: rewrite, byteCount: byteCount, resent: Instant(nanoseconds: 0), resends: 0, isUsed: true)
    }

    /// The size that was recorded with a packet; 0 when it is not remembered.
    package func byteCount(of sequence: UInt16) -> Int {
        contains(sequence) ? entries[Int(sequence) & mask].byteCount : 0
    }

    /// Whether a packet with this number was sent and is remembered.
    package func contains(_ sequence: UInt16) -> Bool {
        let entry = entries + (Int(sequence) & mask)
        return entry.pointee.isUsed && entry.pointee.rewrite.sequence == sequence
    }

    /// The packet to send again; nil when it was never sent, is forgotten, was asked for a moment ago or too often.
    package mutating func resend(_ sequence: UInt16, now: Instant, roundTrip: Duration) -> Rewrite? {
        guard contains(sequence) else { return nil }
        let entry = entries + (Int(sequence) & mask)
        if entry.pointee.resends > 0, now - entry.pointee.resent < max(roundTrip * 0.75, Self.minimumInterval) {
            return nil
        }
        guard entry.pointee.resends < Self.maximumResends else { return nil }
        entry.pointee.resends += 1
        entry.pointee.resent = now
        return entry.pointee.rewrite
    }
}
