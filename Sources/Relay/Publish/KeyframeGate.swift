package import Media

/// Decides when a creator's encoder is really asked for a keyframe: however many viewers want one, at most one request goes
/// out per `interval`, repeated while the keyframe does not come and somebody still waits.
package struct KeyframeGate: Sendable {
    package static let interval = Duration.milliseconds(500)
    /// How long a wish counts unless it is renewed.
    package static let validity = Duration.seconds(2)

    private var lastAsked: Instant?
    private var waitingUntil: Instant?

    package init() {}

    /// Somebody wants a keyframe; true when the encoder is to be asked now.
    package mutating func request(_ now: Instant) -> Bool {
        waitingUntil = now + Self.validity
        return ask(now)
    }

    package mutating func keyframeArrived() {
        waitingUntil = nil
    }

    /// True when the encoder is to be asked (again).
    package mutating func advance(to now: Instant) -> Bool {
        guard let waitingUntil else { return false }
        guard now < waitingUntil else {
            self.waitingUntil = nil
            return false
        }
        return ask(now)
    }

    /// When `advance` has something to do.
    package var nextTimeout: Instant? {
        guard let waitingUntil else { return nil }
        return lastAsked.map { min($0 + Self.interval, waitingUntil) } ?? waitingUntil
    }

    private mutating func ask(_ now: Instant) -> Bool {
        if let lastAsked, now - lastAsked < Self.interval { return false }
        lastAsked = now
        return true
    }
}
