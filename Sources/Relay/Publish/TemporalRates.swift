package import Media

/// How much of a layer each of its temporal layers takes, in bits a second with IP and UDP headers and encryption. Smoothed,
/// so that a keyframe does not look like a stream that grew.
package struct TemporalRates: Sendable {
    /// What a viewer's copy of a packet has on the line besides itself: an authentication tag, UDP and IP.
    private static let packetOverhead = 16 + 28
    /// How much of the old value stays at each reading.
    private static let smoothing = 0.6

    private var meters = InlineArray<4, RateMeter>(repeating: RateMeter())
    private var smoothed = InlineArray<4, Double>(repeating: 0)

    package init() {}

    package mutating func receive(byteCount: Int, temporalLayer: UInt8, arrival: Instant) {
        meters[Int(min(temporalLayer, 3))].add(8 * (byteCount + Self.packetOverhead), at: arrival)
    }

    /// What a packet of sound repeats of earlier ones. It counts as a layer above the sound's own, so that there is a rate
    /// without it and one with it.
    package mutating func receive(redundancy byteCount: Int, arrival: Instant) {
        meters[1].add(8 * byteCount, at: arrival)
    }

    /// Each temporal layer with those below it. To be read at a steady pace.
    package mutating func read(_ now: Instant) -> InlineArray<4, Int> {
        var total = 0
        var rates = InlineArray<4, Int>(repeating: 0)
        for index in meters.indices {
            total += meters[index].rate(at: now)
            // What begins, or ends, does so at once.
            let isSteady = smoothed[index] > 0 && total > 0
            smoothed[index] =
                isSteady ? Self.smoothing * smoothed[index] + (1 - Self.smoothing) * Double(total) : Double(total)
            rates[index] = Int(smoothed[index])
        }
        return rates
    }
}
