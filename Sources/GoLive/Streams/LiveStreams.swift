import Foundation
import Logging
import Relay
import Signal

/// The one owner of which streams are live. It follows the media that the relay reports, so that `isLive` tells the
/// truth, and keeps the store, the rooms' metadata and the live updates in step.
///
/// What happens is taken in without waiting for anything; what follows from it is done by two tasks of `run`, one for
/// the live updates and one for the chores that need the store or the relay. A chore that fails is done again, with
/// what is true then.
package actor LiveStreams {
    /// What is to be done for one host; asking twice before it is done changes nothing.
    enum Chore: Hashable, Sendable {
        case save(String)
        case refreshRoom(String)
        case dismissPublisher(String)
    }

    /// What is done for one host by one at a time.
    enum Turn: Hashable, Sendable {
        case call(String)
        case saving(String)
        case room(String)
    }

    /// Until a chore that failed is tried again.
    static let retryPause = Duration.seconds(1)

    let store: Store
    let relay: Relay
    let revocations: Revocations
    let updates: LiveUpdates
    let chat: ChatModerator
    let settings: ApplicationSettings
    let logger: Logger
    let turns = Turns<Turn>()

    /// By host, or by the name of a room that is nobody's. At most as many as there are rooms and live streams.
    var places: [String: LivePlace] = [:]

    private let told: AsyncStream<(LiveUpdate, String)>
    private let tell: AsyncStream<(LiveUpdate, String)>.Continuation
    private let chores: AsyncStream<Chore>
    private let ask: AsyncStream<Chore>.Continuation
    private var asked: Set<Chore> = []
    private var retries: [Chore: ContinuousClock.Instant] = [:]
    private var alarm: (time: ContinuousClock.Instant, task: Task<Void, Never>)?

    init(
        store: Store, relay: Relay, revocations: Revocations, updates: LiveUpdates, chat: ChatModerator,
        settings: ApplicationSettings, logger: Logger
    ) {
        self.store = store
        self.relay = relay
        self.revocations = revocations
        self.updates = updates
        self.chat = chat
        self.settings = settings
        self.logger = logger
        (told, tell) = AsyncStream.makeStream()
        (chores, ask) = AsyncStream.makeStream()
    }

    /// Settles the streams that were live when the last process ended. Before anything else is asked.
    func recover() async throws {
        let sessions = try await store.write { connection in
            try connection.recoverLiveSessions { UUID().uuidString.lowercased() }
        }
        let now = Moment.now()
        for session in sessions {
            let place = LivePlace(recovered: session, grace: settings.mediaGrace, at: now)
            places[session.userID] = place
            publish(.status(place.status), hostID: session.userID)
        }
        setAlarm()
    }

    /// Until the events end or the task is cancelled.
    func run(_ events: AsyncStream<RelayEvent>) async {
        await withDiscardingTaskGroup { group in
            group.addTask { [told, updates] in
                for await (update, hostID) in told {
                    await updates.publish(update, hostID: hostID, estranged: await self.estranged(by: update, hostID))
                }
            }
            group.addTask { [chores] in
                for await chore in chores { await self.perform(chore) }
            }
            for await event in events { receive(event) }
            alarm?.task.cancel()
            tell.finish()
            ask.finish()
        }
    }

    func status(of hostID: String) -> StreamStatus { places[hostID]?.status ?? .offline }

    /// Of every stream that is live, by host.
    func live() -> [String: StreamStatus] {
        places.compactMapValues { $0.phase == .offline ? nil : $0.status }
    }

    // MARK: What happens

    private func receive(_ event: RelayEvent) {
        let name = event.room.name
        change(name) { $0.receive(event, at: .now()) }
        if case .roomStarted = event { request(.refreshRoom(name)) }
    }

    /// Changes what is known of a host's place, and sees to what follows.
    func change(_ hostID: String, _ body: @Sendable (inout LivePlace) -> [LivePlace.Effect]) {
        var place = places[hostID] ?? LivePlace(hostID: hostID, grace: settings.mediaGrace)
        let deadline = place.deadline
        let effects = body(&place)
        places[hostID] = place.isIdle ? nil : place
        for effect in effects {
            switch effect {
            case .save: request(.save(hostID))
            case .tellStatus:
                publish(.status(place.status), hostID: hostID)
                request(.refreshRoom(hostID))
            case .tellViewerCount: publish(.viewerCount(place.presence.viewerCount), hostID: hostID)
            case .dismissPublisher: request(.dismissPublisher(hostID))
            }
        }
        if place.deadline != deadline { setAlarm() }
    }

    func publish(_ update: LiveUpdate, hostID: String) { tell.yield((update, hostID)) }

    /// Who is not to hear that the host's stream begins or ends; nil when that is not known.
    private func estranged(by update: LiveUpdate, _ hostID: String) async -> Set<String>? {
        guard case .status = update else { return [] }
        do {
            return try await store.read { try $0.estranged(from: hostID) }
        } catch {
            logger.warning("who is blocked could not be looked up", metadata: ["error": "\(error)"])
            return nil
        }
    }

    // MARK: Chores

    private func request(_ chore: Chore) {
        if asked.insert(chore).inserted { ask.yield(chore) }
    }

    private func perform(_ chore: Chore) async {
        asked.remove(chore)
        retries[chore] = nil
        do {
            switch chore {
            case .save(let hostID): try await save(hostID)
            case .refreshRoom(let hostID): try await refreshRoom(of: hostID)
            case .dismissPublisher(let hostID): await dismissPublisher(of: hostID)
            }
        } catch {
            logger.warning("a stream's state could not be kept; trying again", metadata: ["error": "\(error)"])
            retries[chore] = .now + Self.retryPause
            setAlarm()
        }
    }

    // MARK: Time

    /// One task sleeps until the next deadline.
    private func setAlarm() {
        let next = (places.values.compactMap(\.deadline) + retries.values).min()
        guard next != alarm?.time else { return }
        alarm?.task.cancel()
        alarm = next.map { time in
            (
                time,
                Task { [weak self] in
                    try? await Task.sleep(until: time, clock: .continuous)
                    if !Task.isCancelled { await self?.ring() }
                }
            )
        }
    }

    private func ring() {
        alarm = nil
        let now = Moment.now()
        for (hostID, place) in places where place.deadline.map({ $0 <= now.instant }) ?? false {
            change(hostID) { $0.advance(to: now) }
        }
        for (chore, time) in retries where time <= now.instant {
            retries[chore] = nil
            request(chore)
        }
        setAlarm()
    }
}
