import HTTPTypes

/// Coming, being served, and leaving.
extension LiveUpdates {
    /// Lets somebody listen. Nothing that is published from now on is missed; a feed that is not resumed is to begin with
    /// a snapshot, made after this.
    ///
    /// - Parameters:
    ///   - userID: nil for guests.
    ///   - id: of the last update that they have seen.
    /// - Throws: `too_many_listeners`; `unavailable` when the server stops.
    func join(_ scope: UpdateScope, userID: String?, after id: EventID?) throws(APIError) -> UpdateFeed {
        guard isOpen else { throw .unavailable }
        guard hasRoom(for: scope) else { throw .tooManyListeners }
        for source in scope.sources where hosts[source.id] == nil {
            hosts[source.id] = Host(username: source.username, log: UpdateLog(since: last))
        }
        let joined = EventID(epoch: scope.epoch(seed: seed), number: last)
        let missed = id.flatMap { entries(of: scope, after: $0, now: joined) }
        let (news, newsSource) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (end, endSource) = AsyncStream.makeStream(of: Void.self)
        nextListener += 1
        let number = nextListener
        newsSource.onTermination = { [weak self] _ in
            Task { await self?.leave(number) }
        }
        var listener = UpdateListener(scope, userID: userID, epoch: joined.epoch, news: newsSource, end: endSource)
        for entry in missed ?? [] { _ = listener.add(entry) }
        listeners[number] = listener
        for hostID in listener.hostIDs {
            hosts[hostID]!.listeners.insert(number)
            if !listener.isDirectory { hosts[hostID]!.devoted += 1 }
        }
        if listener.isDirectory { directoryHostCount += listener.hostIDs.count }
        return UpdateFeed(id: number, joined: joined, isResumed: missed != nil, news: news, end: end)
    }

    private func hasRoom(for scope: UpdateScope) -> Bool {
        guard listeners.count < limits.listeners else { return false }
        switch scope {
        case .host(let source): return (hosts[source.id]?.devoted ?? 0) < limits.listenersPerHost
        case .directory(let sources): return directoryHostCount + sources.count <= limits.directoryHosts
        }
    }

    /// What all hosts of a scope told after an update, in order; nil when that cannot be told any more, or is so much that
    /// a snapshot is less.
    private func entries(of scope: UpdateScope, after id: EventID, now: EventID) -> [UpdateLog.Entry]? {
        guard id.epoch == now.epoch, id.number <= now.number else { return nil }
        var missed: [UpdateLog.Entry] = []
        for source in scope.sources {
            guard let entries = hosts[source.id]?.log.missed(after: id.number) else { return nil }
            missed += entries
        }
        return missed.count <= UpdateLog.capacity ? missed.sorted { $0.number < $1.number } : nil
    }

    /// What a listener is told before anything else. Only the last event has an id: whoever loses the connection halfway
    /// gets all of them again.
    ///
    /// - Parameter snapshots: of each host that they may hear; the others of the feed are left out from now on.
    func begin(_ feed: UpdateFeed, with snapshots: [(source: UpdateSource, updates: [LiveUpdate])]) {
        guard let listener = listeners[feed.id] else { return }
        var events: [ServerSentEvent] = []
        for (source, updates) in snapshots where listener.hostIDs.contains(source.id) {
            // What was published since then knows better whether the host is live.
            let isNews = hosts[source.id]!.log.last <= feed.joined.number
            for update in updates {
                if isNews, case .status(let status) = update { hosts[source.id]!.isLive = status.isLive }
                events.append(update.event(of: source.username, chatDelay: chatDelay))
            }
        }
        if let last = events.indices.last { events[last].id = feed.joined.text }
        listeners[feed.id]!.begin(with: events.map(\.text).joined())
    }

    /// What is to be sent to a listener now.
    func take(_ listener: UInt64) -> String { listeners[listener]?.take() ?? "" }

    /// Keeps a quiet connection open; a listener that has not read since the last time is ended.
    func keepAlive(_ listener: UInt64) {
        guard listeners[listener] != nil else { return }
        if !listeners[listener]!.addComment() { leave(listener) }
    }

    /// Ends a listener; one that is gone already is no mistake.
    func leave(_ id: UInt64) {
        guard let listener = listeners.removeValue(forKey: id) else { return }
        listener.finish()
        for hostID in listener.hostIDs { part(id, from: hostID, isDirectory: listener.isDirectory) }
    }

    /// A listener of several hosts is to hear one of them no more.
    func leaveOut(_ hostID: String, of id: UInt64) {
        guard let listener = listeners[id], listener.hostIDs.contains(hostID) else { return }
        listeners[id]!.leaveOut(hostID)
        part(id, from: hostID, isDirectory: listener.isDirectory)
    }

    /// Somebody was blocked: ends their streams of events of this host, and leaves it out of those of several hosts.
    func dismiss(_ userID: String, hostID: String) {
        for id in hosts[hostID]?.listeners ?? [] where listeners[id]?.userID == userID {
            if listeners[id]!.isDirectory { leaveOut(hostID, of: id) } else { leave(id) }
        }
    }

    /// Somebody blocked a host: leaves it out of their streams of several hosts.
    func hide(_ hostID: String, from userID: String) {
        for id in hosts[hostID]?.listeners ?? [] where listeners[id]?.userID == userID {
            if listeners[id]!.isDirectory { leaveOut(hostID, of: id) }
        }
    }

    private func part(_ id: UInt64, from hostID: String, isDirectory: Bool) {
        guard hosts[hostID]?.listeners.remove(id) != nil else { return }
        if isDirectory { directoryHostCount -= 1 } else { hosts[hostID]!.devoted -= 1 }
        forgetIfIdle(hostID)
    }

    func forgetIfIdle(_ hostID: String) {
        guard let host = hosts[hostID], host.listeners.isEmpty, !host.isLive else { return }
        hosts[hostID] = nil
    }
}

extension APIError {
    static let tooManyListeners = APIError(
        .serviceUnavailable, "too_many_listeners", "Too many listen already; try again shortly.", retryAfter: 10)
}
