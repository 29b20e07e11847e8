package import Media

/// Whether the rest of a frame is worth waiting for before its beginning is sent: together they are fewer messages.
///
/// A frame is of use when all of it is there, so that its beginning has time. Waiting no longer than its first packet would take to
/// everybody does not make it later, for the rest would have to wait for that as well. A frame that came slowly, or of which the
/// end never came, says that the next will be like it: then nothing is waited for.
package struct FrameGathering: Sendable {
    /// Of the frame that is coming, its first packet, and its timestamp; nil when all of it is there.
    private var start: (arrival: Instant, timestamp: UInt32)?
    /// What the last whole frame took from its first packet to its last.
    private var span = Duration.zero

    package init() {}

    /// A packet with content that did not come late.
    package mutating func receive(timestamp: UInt32, hasMarker: Bool, arrival: Instant) {
        var first = arrival
        if let start {
            // A frame without an end was waited for in vain: it took until the next one began.
            if start.timestamp == timestamp { first = start.arrival } else { span = arrival - start.arrival }
        }
        if hasMarker { span = arrival - first }
        start = hasMarker ? nil : (first, timestamp)
    }

    /// Until when the rest is worth waiting for; nil: not at all.
    ///
    /// - Parameter patience: how long the beginning may be held back.
    package func deadline(patience: Duration) -> Instant? {
        guard let start, span <= patience else { return nil }
        return start.arrival + patience
    }
}
