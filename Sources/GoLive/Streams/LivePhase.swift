/// Where one stream is between *Go live* and its end, as a machine without clock or store: events and the time go in,
/// what follows comes out.
///
/// A stream is never live for longer than the grace without media: after go-live, after the media has gone, and after
/// a restart of the server.
struct LivePhase: Sendable, Hashable {
    typealias Instant = ContinuousClock.Instant

    enum State: Sendable, Hashable {
        case offline
        case starting(until: Instant)
        case live
        case reconnecting(until: Instant)
    }

    enum Event: Sendable, Hashable {
        case goLive
        case endStream
        /// Whether the creator's media is there changed, or was said again.
        case media(isPresent: Bool)
        /// Nothing but time.
        case timePassed
    }

    enum Effect: Sendable, Hashable {
        /// A live session begins.
        case opened
        case entered(Stream.Phase)
        /// The live session is over; by itself: nobody asked, the grace ran out.
        case closed(byItself: Bool)
    }

    private(set) var state: State
    private(set) var hasMedia = false
    let grace: Duration

    init(grace: Duration) {
        self.grace = grace
        state = .offline
    }

    /// A stream that was live when the last process ended: its creator has the grace to come back.
    init(recoveredAt now: Instant, grace: Duration) {
        self.grace = grace
        state = .reconnecting(until: now + grace)
    }

    var phase: Stream.Phase {
        switch state {
        case .offline: .offline
        case .starting: .starting
        case .live: .live
        case .reconnecting: .reconnecting
        }
    }

    /// When time alone changes something.
    var deadline: Instant? {
        switch state {
        case .offline, .live: nil
        case .starting(let deadline), .reconnecting(let deadline): deadline
        }
    }

    mutating func receive(_ event: Event, at now: Instant) -> [Effect] {
        // However late the timer is, what came after the deadline came too late.
        var effects = expire(now)
        switch event {
        case .timePassed: break
        case .goLive: effects += goLive(now)
        case .endStream: effects += end(byItself: false)
        case .media(let isPresent):
            guard isPresent != hasMedia else { break }
            hasMedia = isPresent
            effects += isPresent ? mediaCame() : mediaWent(now)
        }
        return effects
    }

    private mutating func expire(_ now: Instant) -> [Effect] {
        guard let deadline, deadline <= now else { return [] }
        return end(byItself: true)
    }

    private mutating func goLive(_ now: Instant) -> [Effect] {
        switch state {
        case .offline:
            state = hasMedia ? .live : .starting(until: now + grace)
            return [.opened, .entered(phase)]
        case .starting: state = .starting(until: now + grace)
        case .reconnecting: state = .reconnecting(until: now + grace)
        case .live: break
        }
        return []
    }

    private mutating func end(byItself: Bool) -> [Effect] {
        guard state != .offline else { return [] }
        state = .offline
        return [.closed(byItself: byItself), .entered(.offline)]
    }

    private mutating func mediaCame() -> [Effect] {
        // Media without go-live makes nothing live.
        guard deadline != nil else { return [] }
        state = .live
        return [.entered(.live)]
    }

    private mutating func mediaWent(_ now: Instant) -> [Effect] {
        guard state == .live else { return [] }
        state = .reconnecting(until: now + grace)
        return [.entered(.reconnecting)]
    }
}
