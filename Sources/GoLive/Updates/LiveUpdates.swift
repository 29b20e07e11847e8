import HTTPTypes
import Relay

/// Server-Sent Events: the last updates of every host, and who listens. Updates are pushed to listeners as they are
/// published; nobody polls.
package actor LiveUpdates {
    struct Limits: Sendable {
        var listeners = 15_000
        /// Who listens to this host alone.
        var listenersPerHost = 10_000
        /// Hosts in the streams of several hosts, of all listeners together.
        var directoryHosts = 200_000
    }

    /// A host somebody listens to, or who is live and was listened to: the rest needs no state.
    struct Host {
        let username: String
        var log: UpdateLog
        var counts = UpdateGate<Int>()
        var isLive = false
        var listeners: Set<UInt64> = []
        /// Of the listeners, those of this host alone.
        var devoted = 0
    }

    private enum Deferral: Sendable {
        case viewerCount(hostID: String, until: ContinuousClock.Instant)
        case directory(until: ContinuousClock.Instant)
    }

    let chatDelay: Duration
    let limits: Limits
    /// Tells this run from others.
    let seed = UInt64.random(in: 0 ... .max)
    var hosts: [String: Host] = [:]
    var listeners: [UInt64: UpdateListener] = [:]
    var directoryHostCount = 0
    var nextListener: UInt64 = 0
    /// The number of the newest update of any host, listened to or not.
    var last: UInt64 = 0
    var isOpen = true
    /// Hosts whose streams are in the lists of those that are live.
    private var shown: Set<String> = []
    private var directory = UpdateGate<Void>()
    private let deferrals: AsyncStream<Deferral>
    private let deferring: AsyncStream<Deferral>.Continuation

    init(chatDelay: Duration, limits: Limits = Limits()) {
        self.chatDelay = chatDelay
        self.limits = limits
        (deferrals, deferring) = AsyncStream.makeStream()
    }

    // MARK: Publishing

    /// - Parameter estranged: users who are not to hear that a stream begins or ends, as one of the two blocked the other;
    ///   nil when that is not known: then nobody with an account hears of it.
    func publish(_ update: LiveUpdate, hostID: String, estranged: Set<String>? = []) {
        if case .status(let status) = update {
            let isChange = status.isWatchable ? shown.insert(hostID).inserted : shown.remove(hostID) != nil
            if isChange { noteDirectory(except: estranged) }
        }
        last += 1
        // Whoever comes later gets a snapshot.
        guard hosts[hostID] != nil else { return }
        switch update {
        case .viewerCount(let count):
            switch hosts[hostID]!.counts.offer(count, now: .now) {
            case .send: send(update, hostID: hostID)
            case .wait(let until): deferring.yield(.viewerCount(hostID: hostID, until: until))
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
        guard let username = hosts[hostID]?.username else { return }
        var entry = UpdateLog.Entry(
            number: last, hostID: hostID, isViewerCount: false,
            text: update.event(of: username, chatDelay: chatDelay).text)
        if case .viewerCount = update { entry.isViewerCount = true }
        hosts[hostID]!.log.append(entry)
        for id in hosts[hostID]!.listeners where !listeners[id]!.add(entry) { leave(id) }
    }

    private func release(_ hostID: String) {
        guard let count = hosts[hostID]?.counts.release(now: .now) else { return }
        last += 1
        send(.viewerCount(count), hostID: hostID)
    }

    private func noteDirectory(except estranged: Set<String>?) {
        for (id, listener) in listeners where listener.isDirectory {
            if let userID = listener.userID, estranged?.contains(userID) ?? true { continue }
            listeners[id]!.noteDirectory()
        }
        switch directory.offer((), now: .now) {
        case .send: tellDirectory()
        case .wait(let until): deferring.yield(.directory(until: until))
        case .replaced: break
        }
    }

    private func tellDirectory() {
        for id in Array(listeners.keys) { listeners[id]!.tellDirectory() }
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
                group.addTask { [self] in await wait(for: deferral) }
            }
            group.cancelAll()
        }
    }

    private func wait(for deferral: Deferral) async {
        switch deferral {
        case .viewerCount(let hostID, let until):
            try? await Task.sleep(until: until)
            release(hostID)
        case .directory(let until):
            try? await Task.sleep(until: until)
            if directory.release(now: .now) != nil { tellDirectory() }
        }
    }

    private func close() {
        isOpen = false
        for listener in Array(listeners.keys) { leave(listener) }
        hosts = [:]
        deferring.finish()
    }

    // MARK: Looking

    var listenerCount: Int { listeners.count }
    var hostCount: Int { hosts.count }
}
