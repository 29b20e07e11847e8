/// What viewers of one host are told as it happens, without asking.
enum LiveUpdate: Sendable, Hashable {
    case status(StreamStatus)
    case viewerCount(Int)
    case info(title: String, description: String, thumbnail: String?)
    case chatSettings(ChatSettings)
}

/// Server-Sent Events: the last updates of every host, and who listens.
package actor LiveUpdates {
    let store: Store

    init(store: Store) {
        self.store = store
    }

    func publish(_ update: LiveUpdate, hostID: String) {}

    /// Ends the streams of events of one listener, who was blocked.
    func dismiss(_ userID: String, hostID: String) {}

    /// Sends what is coalesced, when it is time; until cancelled.
    func run() async {}
}
