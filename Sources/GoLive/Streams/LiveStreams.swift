import Logging
import Relay
import Signal

/// What is true of a stream at this moment, as `/api/stream/status` and the live updates tell it.
struct StreamStatus: Sendable, Hashable {
    var phase: Stream.Phase
    /// People who watch: not the host's own views, nor hidden participants.
    var viewerCount: Int
    /// Milliseconds since 1970; nil when offline.
    var startedAt: Int64?

    var isLive: Bool { phase != .offline }

    static let offline = StreamStatus(phase: .offline, viewerCount: 0, startedAt: nil)
}

/// The one owner of which streams are live. It follows the media that the relay reports, so that `isLive` tells the
/// truth, and keeps the store, the rooms' metadata and the live updates in step.
package actor LiveStreams {
    let store: Store
    let relay: Relay
    let revocations: Revocations
    let updates: LiveUpdates
    let chat: ChatModerator
    let settings: ApplicationSettings
    let logger: Logger

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
    }

    /// Settles the streams that were live when the last process ended. Before anything else is asked.
    func recover() async throws {}

    func run(_ events: AsyncStream<RelayEvent>) async {}

    func status(of hostID: String) -> StreamStatus { .offline }

    /// Of every stream that is live, by host.
    func live() -> [String: StreamStatus] { [:] }

    /// The stream's record changed (title, description, thumbnail or chat rules): the room's metadata, the live updates
    /// and the chat follow.
    func recordChanged(of hostID: String) async throws {}
}
