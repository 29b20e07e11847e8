/// Lets at most one value a second pass; the last one always does.
struct UpdateGate<Value: Sendable>: Sendable {
    static var interval: Duration { .seconds(1) }

    enum Decision: Sendable, Equatable {
        case send
        /// `release` is to be asked then.
        case wait(until: ContinuousClock.Instant)
        /// An earlier wait takes this one along.
        case replaced
    }

    private var lastSent: ContinuousClock.Instant?
    private var waiting: Value?

    mutating func offer(_ value: Value, now: ContinuousClock.Instant) -> Decision {
        guard waiting == nil else {
            waiting = value
            return .replaced
        }
        if let lastSent, now < lastSent + Self.interval {
            waiting = value
            return .wait(until: lastSent + Self.interval)
        }
        lastSent = now
        return .send
    }

    /// A value became known in another way: one that waits is not to say an older one.
    mutating func learn(_ value: Value) {
        if waiting != nil { waiting = value }
    }

    /// The value that waited.
    mutating func release(now: ContinuousClock.Instant) -> Value? {
        guard let value = waiting else { return nil }
        waiting = nil
        lastSent = now
        return value
    }
}
