import Media

/// Looks after a peer whose signalling is away: asks it for signs of life, and says when there was one.
struct LifeWatch {
    /// Between two questions.
    private static let interval = Duration.milliseconds(500)

    private var next: Instant
    private var told: Instant?

    init(now: Instant) {
        next = now
    }

    /// When the peer was last heard, if that is news.
    mutating func look(at transport: Transport, now: Instant, outbox: Outbox) -> Instant? {
        guard now >= next else { return nil }
        next = now + Self.interval
        transport.probe(now: now, outbox: outbox)
        guard told.map({ $0 < transport.lastHeard }) ?? true else { return nil }
        told = transport.lastHeard
        return told
    }
}
