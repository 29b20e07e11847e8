/// Lets at most one viewer count a second pass; the last one always does.
struct ViewerCountGate: Sendable {
    static let interval = Duration.seconds(1)

    enum Decision: Sendable, Equatable {
        case send
        /// `release` is to be asked then.
        case wait(until: ContinuousClock.Instant)
        /// An earlier wait takes this one along.
        case replaced
    }

    private var lastSent: ContinuousClock.Instant?
    private var waiting: Int?

    mutating func offer(_ count: Int, now: ContinuousClock.Instant) -> Decision {
        guard waiting == nil else {
            waiting = count
            return .replaced
        }
        if let lastSent, now < lastSent + Self.interval {
            waiting = count
            return .wait(until: lastSent + Self.interval)
        }
        lastSent = now
        return .send
    }

    /// A count became known in another way: one that waits is not to say an older one.
    mutating func learn(_ count: Int) {
        if waiting != nil { waiting = count }
    }

    /// The count that waited.
    mutating func release(now: ContinuousClock.Instant) -> Int? {
        guard let count = waiting else { return nil }
        waiting = nil
        lastSent = now
        return count
    }
}
