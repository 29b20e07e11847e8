package import Media

/// Decides when a creator's encoder is really asked for a keyframe: however many viewers want one, at most one request goes
/// out per `interval`, repeated while the keyframe does not come and somebody still waits.
package struct KeyframeGate: Sendable {
    package static let interval = Duration.milliseconds(500)
    /// How long a wish counts unless it is renewed.
    package static let validity = Duration.seconds(2)
    /// Whoever can do without, for a while, has the encoder asked when nobody has asked for so long.
    package static let patience = Duration.seconds(10)

    private var lastAsked: Instant?
    private var waitingUntil: Instant?

    package init() {}

    /// Somebody wants a keyframe; true when the encoder is to be asked now.
    package mutating func request(_ now: Instant) -> Bool {
        waitingUntil = now + Self.validity
        return ask(now)
    }

    /// Somebody has a picture, and would have a better one with a keyframe; true when the encoder is to be asked now. It is
    /// not asked again should the keyframe not come.
    package mutating func requestPatiently(_ now: Instant) -> Bool {
        if let lastAsked, now - lastAsked < Self.patience { return false }
        lastAsked = now
        return true
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
