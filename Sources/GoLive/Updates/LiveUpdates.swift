import HTTPTypes
import Relay

/// Server-Sent Events: the last updates of every host, and who listens. Updates are pushed to listeners as they are
/// published; nobody polls.
package actor LiveUpdates {
    struct Limits: Sendable {
        var listeners = 15_000
        var listenersPerHost = 10_000
    }

    /// A host somebody listens to, or who is live and was listened to: the rest needs no state.
    private struct Host {
        var log: UpdateLog
        var counts = ViewerCountGate()
        var isLive = false
        var listeners: [UInt64: UpdateListener] = [:]
    }

    private struct Deferral: Sendable {
        var hostID: String
        var until: ContinuousClock.Instant
    }

    private let chatDelay: Duration
    private let limits: Limits
    private var hosts: [String: Host] = [:]
    /// The host of each listener.
    private var hostIDs: [UInt64: String] = [:]
    private var nextListener: UInt64 = 0
    private var isOpen = true
    private let deferrals: AsyncStream<Deferral>
    private let deferring: AsyncStream<Deferral>.Continuation

    init(chatDelay: Duration, limits: Limits = Limits()) {
        self.chatDelay = chatDelay
        self.limits = limits
        (deferrals, deferring) = AsyncStream.makeStream()
    }

    // MARK: Publishing

    func publish(_ update: LiveUpdate, hostID: String) {
        // Whoever comes later gets a snapshot.
        guard hosts[hostID] != nil else { return }
        switch update {
        case .viewerCount(let count):
            switch hosts[hostID]!.counts.offer(count, now: .now) {
            case .send: send(update, hostID: hostID)
            case .wait(let until): deferring.yield(Deferral(hostID: hostID, until: until))
            case .replaced: break
            }
        case .status(let status):
            hosts[hostID]!.isLive = status.isLive
            hosts[hostID]!.counts.learn(status.viewerCount)
            send(update, hostID: hostID)
            forgetIfIdle(hostID)
        case .info, .chatSettings:
            send(update, hostID: hostID)
        }
    }

    private func send(_ update: LiveUpdate, hostID: String) {
        guard let entry = hosts[hostID]?.log.append(update, chatDelay: chatDelay) else { return }
        for id in Array(hosts[hostID]!.listeners.keys) where !hosts[hostID]!.listeners[id]!.add(entry) { leave(id) }
    }

    private func release(_ hostID: String) {
        guard let count = hosts[hostID]?.counts.release(now: .now) else { return }
        send(.viewerCount(count), hostID: hostID)
    }

    // MARK: Listening

    /// Lets somebody listen. Nothing that is published from now on is missed; a feed that is not resumed is to begin with
    /// a snapshot, made after this.
    ///
    /// - Parameters:
    ///   - userID: nil for guests.
    ///   - id: of the last update that they have seen.
    /// - Throws: `too_many_listeners`; `unavailable` when the server stops.
    func join(_ hostID: String, userID: String?, after id: EventID?) throws(APIError) -> UpdateFeed {
        guard isOpen else { throw .unavailable }
        let count = hosts[hostID]?.listeners.count ?? 0
        guard hostIDs.count < limits.listeners, count < limits.listenersPerHost else { throw .tooManyListeners }
        var host = hosts[hostID] ?? Host(log: UpdateLog(epoch: .random(in: 0 ... .max)))
        let joined = host.log.lastID
        let missed = id.flatMap { host.log.missed(after: $0) }
        let (news, newsSource) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (end, endSource) = AsyncStream.makeStream(of: Void.self)
        nextListener += 1
        let listener = nextListener
        newsSource.onTermination = { [weak self] _ in
            Task { await self?.leave(listener) }
        }
        host.listeners[listener] = UpdateListener(
            userID: userID, missed: missed ?? [], news: newsSource, end: endSource)
        hosts[hostID] = host
        hostIDs[listener] = hostID
        return UpdateFeed(id: listener, joined: joined, isResumed: missed != nil, news: news, end: end)
    }

    /// What a listener is told before anything else. Only the last event has an id: whoever loses the connection halfway
    /// gets all of them again.
    func begin(_ feed: UpdateFeed, with snapshot: [LiveUpdate]) {
        guard let hostID = hostIDs[feed.id] else { return }
        // What was published since then knows better whether the host is live.
        let isNews = hosts[hostID]!.log.lastID == feed.joined
        var text = ""
        for (index, update) in snapshot.enumerated() {
            if isNews, case .status(let status) = update { hosts[hostID]!.isLive = status.isLive }
            let id = index == snapshot.count - 1 ? feed.joined : nil
            text += update.event(id: id, chatDelay: chatDelay).text
        }
        hosts[hostID]!.listeners[feed.id]!.begin(with: text)
    }

    /// What is to be sent to a listener now.
    func take(_ listener: UInt64) -> String {
        guard let hostID = hostIDs[listener] else { return "" }
        return hosts[hostID]!.listeners[listener]!.take()
    }

    /// Keeps a quiet connection open; a listener that has not read since the last time is ended.
    func keepAlive(_ listener: UInt64) {
        guard let hostID = hostIDs[listener] else { return }
        if !hosts[hostID]!.listeners[listener]!.addComment() { leave(listener) }
    }

    /// Ends a listener; one that is gone already is no mistake.
    func leave(_ listener: UInt64) {
        guard let hostID = hostIDs.removeValue(forKey: listener) else { return }
        hosts[hostID]?.listeners.removeValue(forKey: listener)?.finish()
        forgetIfIdle(hostID)
    }

    /// Ends the streams of events of one listener, who was blocked.
    func dismiss(_ userID: String, hostID: String) {
        for (id, listener) in hosts[hostID]?.listeners ?? [:] where listener.userID == userID { leave(id) }
    }

    private func forgetIfIdle(_ hostID: String) {
        guard let host = hosts[hostID], host.listeners.isEmpty, !host.isLive else { return }
        hosts[hostID] = nil
    }

    // MARK: Running

    /// Sends what is coalesced when it is time, until the relay is shut down or the task is cancelled; then all streams
    /// of events end, so that nothing keeps the HTTP port from closing.
    func run(_ events: AsyncStream<RelayEvent>) async {
        await withDiscardingTaskGroup { group in
            group.addTask { [self] in
                for await _ in events {}
                await close()
            }
            for await deferral in deferrals {
                group.addTask { [self] in
                    try? await Task.sleep(until: deferral.until)
                    await release(deferral.hostID)
                }
            }
            group.cancelAll()
        }
    }

    private func close() {
        isOpen = false
        for listener in Array(hostIDs.keys) { leave(listener) }
        hosts = [:]
        deferring.finish()
    }

    // MARK: Looking

    var listenerCount: Int { hostIDs.count }
    var hostCount: Int { hosts.count }
}

extension APIError {
    static let tooManyListeners = APIError(
        .serviceUnavailable, "too_many_listeners", "Too many listen already; try again shortly.", retryAfter: 10)
}
