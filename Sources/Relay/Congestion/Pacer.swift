package import Media

/// How much may be sent to one viewer now: a token bucket. Everything that waits for this viewer shares it.
package struct Pacer: Sendable {
    /// Between two sends while something waits.
    package static let interval = Duration.milliseconds(5)
    /// Credit in bits · 10⁹, so that no rate loses a fraction of a bit to a short interval.
    private static let unit: Int64 = 1_000_000_000

    /// What leaves faster than the rest.
    package struct Opening: Sendable, BitwiseCopyable {
        /// Left of it; it ends with the packet that uses it up.
        package var bytes: Int
        /// Bits a second.
        package var rate: Int

        package init(bytes: Int, rate: Int) {
            self.bytes = bytes
            self.rate = rate
        }
    }

    /// Bits a second, once the opening is over.
    package var rate: Int
    /// Bytes that may leave at once after a pause.
    package let burst: Int
    private var opening: Opening?
    /// Below zero after a packet that was larger than what was left.
    private var credit: Int64
    private var updated: Instant

    /// Begins with a full bucket.
    package init(rate: Int, burst: Int, opening: Opening? = nil, now: Instant) {
        self.rate = rate
        self.burst = burst
        self.opening = opening
        credit = Int64(burst) * 8 * Self.unit
        updated = now
    }

    /// The line is known now, and carries this: bits a second. An opening is over.
    package mutating func limit(to rate: Int) {
        self.rate = rate
        opening = nil
    }

    /// Bits a second that count now.
    private var current: Int { max(rate, opening?.rate ?? 0) }

    /// Bytes that may be sent now; zero or less when none may. The packet that uses up the rest may be larger than it.
    package mutating func budget(at now: Instant) -> Int {
        let elapsed = min(max(0, (now - updated).inNanoseconds), Self.unit)
        updated = max(updated, now)
        // At least two intervals' worth, or a fast line would be held back by a small burst.
        let full = max(Int64(burst) * 8 * Self.unit, Int64(current) * 2 * Self.interval.inNanoseconds)
        credit = min(full, credit + Int64(current) * elapsed)
        return Int(credit / (8 * Self.unit))
    }

    /// Bytes that were sent.
    package mutating func spend(_ bytes: Int) {
        credit -= Int64(bytes) * 8 * Self.unit
        guard let left = opening?.bytes else { return }
        if left > bytes { opening?.bytes = left - bytes } else { opening = nil }
    }

    /// When it is worth sending again, after everything that the budget allowed was sent at `now`.
    package func nextSend(after now: Instant) -> Instant {
        let debt = max(0, -credit)
        return now + max(Self.interval, .nanoseconds(current > 0 ? debt / Int64(current) : Self.unit))
    }
}
