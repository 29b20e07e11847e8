/// What the relay is doing and has done since it started, for operators.
package struct RelayMetrics: Sendable {
    package var rooms: Int
    package var participants: Int
    package var publications: Int
    package var subscriptions: Int
    /// Media connections over TCP that are open now.
    package var tcpConnections: Int
    package var packetsIn: UInt64
    package var packetsOut: UInt64
    package var bytesIn: UInt64
    package var bytesOut: UInt64
    /// Packets that viewers asked for again.
    package var nacksReceived: UInt64
    /// Packets that publishers were asked for again.
    package var nacksSent: UInt64
    package var plisReceived: UInt64
    package var plisSent: UInt64
    package var retransmissions: UInt64
    /// Times a viewer's picture began with a keyframe that was there already.
    package var cachedStarts: UInt64
    /// Packets sent to bring viewers to what is live.
    package var replayedPackets: UInt64
    /// Packets that were passed over because a worker had fallen too far behind to forward them in time.
    package var skippedPackets: UInt64
    /// Packets of padding that found out what viewers' lines carry.
    package var probes: UInt64
    /// Tracks that are wanted and not sent because a viewer's line has no room for them.
    package var pausedTracks: Int
    /// Viewers who get a lower quality than they want, or less.
    package var constrainedViewers: Int
    /// Viewers whose line has shown what it carries, and how much that is together, in bits a second.
    package var knownLines: Int
    package var knownBandwidth: Int
    /// Datagrams and packets that went no further, by reason.
    package var drops: [(reason: String, count: UInt64)]
    /// From a participant's join to their first media connection being up.
    package var joinSeconds: Histogram
    /// From the kernel's receive time of a packet to after the send call of each of its copies.
    package var forwardingSeconds: Histogram
}

/// Counts of observations by size, in seconds.
package struct Histogram: Sendable, Equatable {
    /// Upper bounds, ascending.
    package private(set) var bounds: [Double]
    /// One more than bounds: the last counts what exceeds them all.
    package private(set) var counts: [UInt64]
    package private(set) var sum: Double

    package init(bounds: [Double], counts: [UInt64]? = nil, sum: Double = 0) {
        self.bounds = bounds
        self.counts = counts ?? Array(repeating: 0, count: bounds.count + 1)
        self.sum = sum
    }

    package var count: UInt64 { counts.reduce(0, +) }

    package mutating func record(_ seconds: Double) {
        counts[bounds.firstIndex { seconds <= $0 } ?? bounds.count] += 1
        sum += seconds
    }

    /// The bucket bound under which a share `q` (0…1) of the observations lie; nil without observations.
    package func quantile(_ q: Double) -> Double? {
        let total = count
        guard total > 0 else { return nil }
        var seen: UInt64 = 0
        for (bound, count) in zip(bounds, counts) {
            seen += count
            if Double(seen) >= q * Double(total) { return bound }
        }
        return .infinity
    }
}
