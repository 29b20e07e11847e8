extension TransportFeedback {
    /// A packet that arrived, by its transport-wide sequence number.
    package struct Arrival: Sendable, BitwiseCopyable, Equatable {
        package var sequenceNumber: UInt16
        package var time: Instant

        package init(sequenceNumber: UInt16, time: Instant) {
            self.sequenceNumber = sequenceNumber
            self.time = time
        }
    }

    /// Arrivals one feedback takes, so that it fits any path: each costs six bytes at worst.
    package static let maximumArrivals = 180
    /// Sequence numbers one feedback spans, so that the gaps between arrivals stay far from wrapping.
    package static let maximumSpan = 8192

    /// Reports on the first of `arrivals`, which ascend by sequence number (mod 2¹⁶, no repeats), and says how many it
    /// took: fewer than all when a limit or a time step above 8 s, the largest a delta can say, is reached. Call again
    /// with the rest. Nil for no arrivals.
    ///
    /// `firstSequence` is the number behind the last one reported: packets from there to the first arrival are reported
    /// lost. It is ignored when that is more than `maximumSpan` away.
    package static func build(
        senderSSRC: UInt32, mediaSSRC: UInt32, feedbackCount: UInt8, firstSequence: UInt16? = nil,
        from arrivals: some Collection<Arrival>
    ) -> (feedback: TransportFeedback, count: Int)? {
        guard let first = arrivals.first else { return nil }
        var base = firstSequence ?? first.sequenceNumber
        if first.sequenceNumber &- base >= maximumSpan { base = first.sequenceNumber }
        let firstTicks = ticks(first.time)
        // Floored to 64 ms, and wrapping every 12 days in 24 bits; the sender takes differences of reference times.
        let reference = firstTicks >> 8
        var previous = reference << 8
        var received: [Received] = []
        received.reserveCapacity(min(arrivals.count, maximumArrivals))
        var lastIndex = -1
        for arrival in arrivals.prefix(maximumArrivals) {
            let index = Int(arrival.sequenceNumber &- base)
            let now = ticks(arrival.time)
            guard index > lastIndex, index < maximumSpan, let delta = Int16(exactly: now - previous) else { break }
            received.append(Received(index: UInt16(index), delta: delta))
            (lastIndex, previous) = (index, now)
        }
        let feedback = TransportFeedback(
            senderSSRC: senderSSRC, mediaSSRC: mediaSSRC, baseSequence: base, statusCount: UInt16(lastIndex + 1),
            referenceTime: Int32(signExtending24: UInt32(truncatingIfNeeded: reference)),
            feedbackCount: feedbackCount, received: received)
        return (feedback, received.count)
    }

    /// In 250 µs, floored, so that the rounding of one packet does not add to the next one's.
    private static func ticks(_ time: Instant) -> Int64 {
        let (quotient, remainder) = time.nanoseconds.quotientAndRemainder(dividingBy: 250_000)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
