package import Media

/// Turns what the delay says into a rate: up by 8 % a second while all is well, more carefully near where the path was full the
/// last time, and down to 85 % of what arrives when a queue builds up (draft-ietf-rmcat-gcc-02 §5.5).
///
/// It never rises above half as much again as what arrives: what was not sent was not seen to arrive. Nor does
/// it fall because little is sent.
package struct RateControl: Sendable {
    /// Bits a second.
    package private(set) var rate: Double

    private enum State: Sendable { case hold, increase }

    /// What is left of what arrives when there is a queue.
    static let decrease = 0.85
    private static let increaseASecond = 0.08
    /// Packets of this many bits are added near capacity, one a response time.
    private static let packetBits = 9600.0

    private var state = State.increase
    private var lastUpdate: Instant?
    private var lastDecrease: Instant?
    private var capacity = PathCapacity()

    /// - Parameter rate: bits a second to begin with.
    package init(rate: Int) {
        self.rate = Double(rate)
    }

    /// - Parameters:
    ///   - acknowledged: bits a second that arrive; nil while unknown.
    ///   - whileBusy: the same since there is a queue: of a burst the line carried more than the average tells.
    package mutating func update(
        _ usage: DelayTrend.Usage, acknowledged: Int?, whileBusy: Int?, roundTrip: Duration, now: Instant
    ) {
        let elapsed = min(1, (now - (lastUpdate ?? now)).inSeconds)
        lastUpdate = now
        switch usage {
        case .over:
            state = .hold
            let arriving = acknowledged.map { max($0, whileBusy ?? 0) } ?? whileBusy
            reduce(acknowledged: arriving, roundTrip: roundTrip, now: now)
        case .under:
            // The queue drains: let it.
            state = .hold
        case .normal where state == .hold:
            state = .increase
        case .normal:
            increase(acknowledged: acknowledged, roundTrip: roundTrip, elapsed: elapsed)
        }
    }

    /// A probe, or a limit from elsewhere, tells the rate.
    package mutating func set(_ rate: Int) {
        self.rate = Double(rate)
        capacity.forget(unlessHolds: Double(rate))
    }

    private mutating func reduce(acknowledged: Int?, roundTrip: Duration, now: Instant) {
        let interval = min(max(roundTrip, .milliseconds(100)), .milliseconds(300))
        let arriving = acknowledged.map(Double.init)
        if let lastDecrease, now - lastDecrease < interval, (arriving ?? rate) >= rate / 2 { return }
        lastDecrease = now
        if let arriving { capacity.observe(arriving) }
        rate = min(rate, (arriving ?? rate) * Self.decrease)
    }

    private mutating func increase(acknowledged: Int?, roundTrip: Duration, elapsed: Double) {
        guard let acknowledged else { return }
        let ceiling = 1.5 * Double(acknowledged) + 10_000
        guard rate < ceiling else { return }
        capacity.forget(unlessHolds: Double(acknowledged))
        if capacity.isNear(Double(acknowledged)) {
            let response = roundTrip.inSeconds + 0.1
            rate = min(rate + max(4000, Self.packetBits / response) * elapsed, ceiling)
        } else {
            rate = min(rate * (1 + Self.increaseASecond * elapsed) + 1000 * elapsed, ceiling)
        }
    }
}

/// Where the path was full: a mean of the rates that arrived then, and how far they lay apart.
private struct PathCapacity: Sendable {
    private var mean: Double?
    /// Of the mean, squared.
    private var variance = 0.01

    mutating func observe(_ rate: Double) {
        forget(unlessHolds: rate)
        guard let old = mean else {
            mean = rate
            return
        }
        let new = 0.95 * old + 0.05 * rate
        let error = (rate - new) / max(new, 1)
        variance = min(max(0.95 * variance + 0.05 * error * error, 0.0025), 0.03)
        mean = new
    }

    func isNear(_ rate: Double) -> Bool {
        guard let mean else { return false }
        return abs(rate - mean) <= 3 * mean * variance.squareRoot()
    }

    /// What arrives far above or below shows another path.
    mutating func forget(unlessHolds rate: Double) {
        guard let mean else { return }
        if abs(rate - mean) > 3 * mean * variance.squareRoot() { self.mean = nil }
    }
}
