package import Media

/// A ceiling on the rate from what gets lost, for queues too short to show in the delay.
///
/// Loss that stays when little is sent is the line's own (radio, a bad cable) and no reason to send less: the least loss of the last
/// `memory` counts as such, up to `maximumOwn`. What exceeds it by more than 2 % holds the rate, by more than
/// 10 % lowers it (draft-ietf-rmcat-gcc-02 §6, there without the line's own loss).
package struct LossLimit: Sendable {
    package static let holdAbove = 0.02
    package static let lowerAbove = 0.10
    /// More than this, and what arrives is taken for what the path carries.
    package static let severe = 0.30
    package static let maximumOwn = 0.10
    /// Seconds.
    package static let memory = 10

    private static let minimumPackets = 40
    private static let window = Duration.milliseconds(500)

    /// Bits a second; nil when loss does not limit.
    package private(set) var limit: Double?
    /// Of packets in the last half to whole second, 0…1; nil before there are enough.
    package private(set) var loss: Double?

    private var current: (lost: Int, total: Int) = (0, 0)
    private var former: (lost: Int, total: Int) = (0, 0)
    private var windowStart: Instant?
    /// The least loss in each of the last seconds.
    private var least = InlineArray<10, Double>(repeating: 1)
    private var second: Int64 = .min
    private var lastDecrease: Instant?
    private var lastUpdate: Instant?

    package init() {}

    /// What a feedback said of `total` packets.
    ///
    /// - Parameters:
    ///   - arriving: bits a second that arrive; nil while unknown.
    ///   - estimate: bits a second that are believed possible now.
    package mutating func receive(
        lost: Int, total: Int, arriving: Int?, estimate: Double, roundTrip: Duration, now: Instant
    ) {
        if let windowStart, now - windowStart >= Self.window {
            former = now - windowStart >= Self.window + Self.window ? (0, 0) : current
            current = (0, 0)
            self.windowStart = now
        }
        windowStart = windowStart ?? now
        current.lost += lost
        current.total += total
        let packets = current.total + former.total
        guard packets >= Self.minimumPackets else { return }
        let loss = Double(current.lost + former.lost) / Double(packets)
        self.loss = loss
        // Chance: what so few packets may have lost more than the line's average.
        let chance = 1.5 * (loss * (1 - loss) / Double(packets)).squareRoot()
        update(loss, beyondChance: loss - chance, arriving, estimate, roundTrip: roundTrip, now: now)
    }

    /// As above, from a share that the receiver measured (RFC 3550 §6.4.1).
    package mutating func receive(
        fractionLost: Double, arriving: Int, estimate: Double, roundTrip: Duration, now: Instant
    ) {
        loss = fractionLost
        update(
            fractionLost, beyondChance: fractionLost, arriving, estimate, roundTrip: roundTrip, now: now)
    }

    /// A probe has shown that the path carries this, in bits a second.
    package mutating func lift(to rate: Int) {
        if let limit { self.limit = max(limit, Double(rate)) }
    }

    private mutating func update(
        _ loss: Double, beyondChance sure: Double, _ arriving: Int?, _ estimate: Double, roundTrip: Duration,
        now: Instant
    ) {
        let excess = sure - ownLoss(with: loss, now: now)
        let elapsed = min(1, (now - (lastUpdate ?? now)).inSeconds)
        lastUpdate = now
        if excess < Self.holdAbove {
            guard let limit else { return }
            let raised = limit * (1 + 0.08 * elapsed)
            self.limit = raised > 2 * estimate ? nil : raised
        } else if excess < Self.lowerAbove {
            limit = min(limit ?? estimate, estimate)
        } else {
            if let lastDecrease, now - lastDecrease < roundTrip + .milliseconds(300) { return }
            lastDecrease = now
            let arriving = arriving.map(Double.init) ?? estimate * (1 - loss)
            // Once there is a limit it goes down by itself: what is sent falls by whole layers, and faster.
            let sent = limit ?? arriving / max(0.05, 1 - loss)
            let lowered = excess > Self.severe ? arriving : sent * (1 - 0.5 * excess)
            limit = min(limit ?? estimate, estimate, lowered)
            // What follows is judged by itself.
            (current, former) = ((0, 0), (0, 0))
        }
    }

    private mutating func ownLoss(with loss: Double, now: Instant) -> Double {
        let count = Int64(Self.memory)
        let this = max(0, now.nanoseconds) / 1_000_000_000
        if second == .min || this - second >= count {
            least = InlineArray(repeating: 1)
        } else {
            for passed in stride(from: second + 1, through: this, by: 1) { least[Int(passed % count)] = 1 }
        }
        second = this
        least[Int(this % count)] = min(least[Int(this % count)], loss)
        var minimum = Self.maximumOwn
        for index in least.indices { minimum = min(minimum, least[index]) }
        return minimum
    }
}
