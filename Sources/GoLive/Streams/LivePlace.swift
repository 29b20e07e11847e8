import Relay

/// One moment by both clocks: one that only goes forward, for deadlines, and the time of day, for records.
struct Moment: Sendable, Hashable {
    var instant: ContinuousClock.Instant
    /// Milliseconds since 1970.
    var wall: Int64

    static func now() -> Moment { Moment(instant: .now, wall: WallClock.now()) }
}

/// Everything that is known of one host's room and stream at this moment, and what the store does not hold of it yet.
struct LivePlace: Sendable, Hashable {
    enum Effect: Sendable, Hashable {
        /// The store is behind.
        case save
        /// Everyone is to learn the new phase.
        case tellStatus
        case tellViewerCount
        /// Nobody may publish in this room now.
        case dismissPublisher
    }

    /// Between two samples of the number of viewers.
    static let sampleInterval = Duration.seconds(30)
    /// Samples that wait for the store, an hour's; the oldest are given up.
    static let unsavedSamples = 120

    let hostID: String
    private(set) var presence: RoomPresence
    private var live: LivePhase
    /// Whether the room is one of a stream; others come and go without us.
    private(set) var isStream = false
    /// The one that lasts.
    private(set) var session: LiveSession?
    private var ended: [LiveSession] = []
    private var samples: [ViewerSample] = []
    private var nextSample: ContinuousClock.Instant?
    /// Grows with every change that the store is to hold.
    private(set) var version = 0
    private var savedVersion = 0

    init(hostID: String, grace: Duration) {
        self.hostID = hostID
        presence = RoomPresence(hostID: hostID)
        live = LivePhase(grace: grace)
    }

    /// A stream that was live when the last process ended.
    init(recovered session: LiveSession, grace: Duration, at now: Moment) {
        hostID = session.userID
        presence = RoomPresence(hostID: session.userID)
        live = LivePhase(recoveredAt: now.instant, grace: grace)
        isStream = true
        self.session = session
    }

    var phase: Stream.Phase { live.phase }

    var status: StreamStatus {
        StreamStatus(phase: phase, viewerCount: presence.viewerCount, startedAt: session?.startedAt)
    }

    /// When `advance` has something to do.
    var deadline: ContinuousClock.Instant? { [live.deadline, nextSample].compactMap(\.self).min() }

    /// Nothing is known here that would be missed.
    var isIdle: Bool { phase == .offline && !presence.isOpen && presence.viewerCount == 0 && version == savedVersion }

    // MARK: What happens

    mutating func receive(_ event: RelayEvent, at now: Moment) -> [Effect] {
        let before = presence
        presence.receive(event)
        var effects: [Effect] = []
        if presence.hasMedia != before.hasMedia {
            effects += take(.media(isPresent: presence.hasMedia), at: now)
            effects += refusedMedia
        }
        if presence.viewerCount != before.viewerCount {
            raisePeak()
            if isStream { effects.append(.tellViewerCount) }
        }
        return effects
    }

    /// The room turned out to be a stream's.
    mutating func learnStream() -> [Effect] {
        guard !isStream else { return [] }
        isStream = true
        return (presence.viewerCount > 0 ? [.tellViewerCount] : []) + refusedMedia
    }

    /// - Parameters:
    ///   - title: the stream's.
    ///   - id: for the session that begins, unless one lasts.
    mutating func goLive(title: String, id: String, at now: Moment) -> [Effect] {
        isStream = true
        return take(.goLive, at: now, title: title, id: id)
    }

    mutating func endStream(at now: Moment) -> [Effect] { take(.endStream, at: now) }

    mutating func advance(to now: Moment) -> [Effect] {
        var effects = take(.timePassed, at: now)
        if let due = nextSample, due <= now.instant { effects += sample(at: now) }
        return effects
    }

    private mutating func take(
        _ event: LivePhase.Event, at now: Moment, title: String = "", id: String = ""
    ) -> [Effect] {
        var effects: [Effect] = []
        for effect in live.receive(event, at: now.instant) {
            switch effect {
            case .opened:
                session = LiveSession(
                    id: id, userID: hostID, title: title, startedAt: now.wall, lastSeenAt: now.wall, endedAt: nil,
                    peakViewers: 0)
            case .entered(let phase):
                nextSample = nil
                effects += [touch(), .tellStatus]
                if phase == .live { effects += sample(at: now) }
                if phase == .reconnecting { session?.lastSeenAt = now.wall }
            case .closed(let byItself):
                close(at: byItself ? session?.lastSeenAt ?? now.wall : now.wall)
                if byItself { effects.append(.dismissPublisher) }
            }
        }
        return effects
    }

    private mutating func close(at time: Int64) {
        guard var over = session else { return }
        over.lastSeenAt = time
        over.endedAt = time
        ended.append(over)
        session = nil
    }

    /// Media of a stream that is not live: a token of a go-live that is over.
    private var refusedMedia: [Effect] {
        isStream && phase == .offline && presence.hasMedia ? [.dismissPublisher] : []
    }

    private mutating func raisePeak() {
        guard phase == .live, let peak = session?.peakViewers, presence.viewerCount > peak else { return }
        session?.peakViewers = presence.viewerCount
    }

    private mutating func sample(at now: Moment) -> [Effect] {
        guard let id = session?.id else { return [] }
        raisePeak()
        session?.lastSeenAt = now.wall
        samples.append(ViewerSample(sessionID: id, takenAt: now.wall, viewers: presence.viewerCount))
        if samples.count > Self.unsavedSamples { samples.removeFirst() }
        nextSample = now.instant + Self.sampleInterval
        return [touch()]
    }

    // MARK: What the store is to hold

    private mutating func touch() -> Effect {
        version += 1
        return .save
    }

    /// nil when the store holds it all.
    var unsaved: LiveRecord? {
        guard isStream, version != savedVersion else { return nil }
        return LiveRecord(
            hostID: hostID, phase: phase, sessionID: session?.id, startedAt: session?.startedAt,
            sessions: ended + [session].compactMap(\.self), samples: samples)
    }

    /// The store holds `record`, which was `unsaved` at `version`.
    mutating func saved(_ record: LiveRecord, version: Int) {
        savedVersion = version
        ended.removeAll { record.sessions.contains($0) }
        samples.removeAll { record.samples.contains($0) }
    }
}
