/// How often a peer may do something: so many times at once, and at a steady rate in the long run (a token bucket).
struct RequestBudget: Sendable {
    let burst: Double
    /// Per second.
    let rate: Double
    private var left: Double
    private var counted: ContinuousClock.Instant

    init(burst: Double, rate: Double, at now: ContinuousClock.Instant) {
        self.burst = burst
        self.rate = rate
        left = burst
        counted = now
    }

    /// Whether there was one left to spend.
    mutating func spend(at now: ContinuousClock.Instant) -> Bool {
        left = min(burst, left + max(0, (now - counted) / .seconds(1)) * rate)
        counted = now
        guard left >= 1 else { return false }
        left -= 1
        return true
    }
}
