package import Media

/// How much may be sent to one viewer now: a token bucket. Everything that waits for this viewer shares it.
package struct Pacer: Sendable {
    /// Between two sends while something waits.
    package static let interval = Duration.milliseconds(5)
    /// Credit in bits · 10⁹, so that no rate loses a fraction of a bit to a short interval.
    private static let unit: Int64 = 1_000_000_000

    /// Bits a second.
    package var rate: Int
    /// Bytes that may leave at once after a pause.
    package let burst: Int
    /// Below zero after a packet that was larger than what was left.
    private var credit: Int64
    private var updated: Instant

    /// Begins with a full bucket.
    package init(rate: Int, burst: Int, now: Instant) {
        self.rate = rate
        self.burst = burst
        credit = Int64(burst) * 8 * Self.unit
        updated = now
    }

    /// Bytes that may be sent now; zero or less when none may. The packet that uses up the rest may be larger than it.
    package mutating func budget(at now: Instant) -> Int {
        let elapsed = min(max(0, (now - updated).inNanoseconds), Self.unit)
        updated = max(updated, now)
        // At least two intervals' worth, or a fast line would be held back by a small burst.
        let full = max(Int64(burst) * 8 * Self.unit, Int64(rate) * 2 * Self.interval.inNanoseconds)
        credit = min(full, credit + Int64(rate) * elapsed)
        return Int(credit / (8 * Self.unit))
    }

    /// Bytes that were sent.
    package mutating func spend(_ bytes: Int) {
        credit -= Int64(bytes) * 8 * Self.unit
    }

    /// When it is worth sending again, after everything that the budget allowed was sent at `now`.
    package func nextSend(after now: Instant) -> Instant {
        let debt = max(0, -credit)
        return now + max(Self.interval, .nanoseconds(rate > 0 ? debt / Int64(rate) : Self.unit))
    }
}
