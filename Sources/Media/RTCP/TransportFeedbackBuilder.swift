/// Tells a sender which of its packets arrived and when, so that its bandwidth estimator works
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01). One for each transport: the sequence numbers run over all of
/// its streams.
///
/// A packet that comes after a later one was reported is reported in the next feedback, which then begins with it.
package struct TransportFeedbackBuilder: Sendable {
    /// Between two feedbacks.
    package static let interval = Duration.milliseconds(100)
    /// So many packets are reported at once.
    package static let promptCount = 64
    /// Arrivals kept; more are not reported, which the sender takes for loss.
    package static let maximumPending = 1024

    package let senderSSRC: UInt32
    /// Any media stream of the transport; senders ignore which.
    package var mediaSSRC: UInt32

    private struct Pending: BitwiseCopyable, Sendable {
        var sequence: Int64
        var arrival: Instant
    }

    private var unwrapper = SequenceUnwrapper()
    /// Ascending by sequence.
    private var pending: [Pending] = []
    /// Behind the highest number reported.
    private var next: Int64?
    private var feedbackCount: UInt8 = 0
    private var due: Instant?

    package init(senderSSRC: UInt32, mediaSSRC: UInt32) {
        self.senderSSRC = senderSSRC
        self.mediaSSRC = mediaSSRC
    }

    /// When `poll` has something to do.
    package var nextTimeout: Instant? { due }

    package mutating func record(transportSequence: UInt16, arrival: Instant) {
        guard pending.count < Self.maximumPending else { return }
        // Most connections carry media the other way.
        if pending.capacity == 0 { pending.reserveCapacity(2 * Self.promptCount) }
        let sequence = unwrapper.unwrap(transportSequence)
        let item = Pending(sequence: sequence, arrival: arrival)
        if let last = pending.last, last.sequence >= sequence {
            let index = pending.lastIndex { $0.sequence <= sequence }
            if let index, pending[index].sequence == sequence { return }
            pending.insert(item, at: index.map { $0 + 1 } ?? 0)
        } else {
            pending.append(item)
        }
        if due == nil { due = arrival + Self.interval }
        if pending.count >= Self.promptCount { due = arrival }
    }

    /// The next feedback, when one is due. Call until nil: a feedback takes only so many packets.
    package mutating func poll(_ now: Instant) -> TransportFeedback? {
        guard let due, due <= now, let first = pending.first else { return nil }
        let arrivals = pending.lazy.map {
            TransportFeedback.Arrival(sequenceNumber: UInt16(truncatingIfNeeded: $0.sequence), time: $0.arrival)
        }
        let start = next.map { min($0, first.sequence) } ?? first.sequence
        guard
            let (feedback, count) = TransportFeedback.build(
                senderSSRC: senderSSRC, mediaSSRC: mediaSSRC, feedbackCount: feedbackCount,
                firstSequence: UInt16(truncatingIfNeeded: start), from: arrivals)
        else { return nil }
        feedbackCount &+= 1
        let reported = pending[max(0, count - 1)].sequence
        next = max(next ?? .min, reported + 1)
        // A first packet that no feedback can hold is left out rather than tried for ever.
        pending.removeFirst(max(1, count))
        self.due = pending.isEmpty ? nil : due
        return feedback
    }
}
