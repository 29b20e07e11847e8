import Logging
import Relay

/// The one judge of what is said in the application's rooms, and of who may say anything.
package actor ChatModerator {
    let store: Store
    let relay: Relay
    let settings: ApplicationSettings
    let logger: Logger

    init(store: Store, relay: Relay, settings: ApplicationSettings, logger: Logger) {
        self.store = store
        self.relay = relay
        self.settings = settings
        self.logger = logger
    }

    /// Whether an identity may send data in the host's room now: what a token says when it is issued.
    func mayChat(_ identity: String, userID: String?, hostID: String) async throws -> Bool { true }

    /// The host's chat rules changed: everyone's permission follows at once.
    func rulesChanged(_ rules: ChatSettings, hostID: String) async {}

    /// Something changed that bears on one person's right to chat (a follow, a timeout).
    func rightsChanged(of identity: String, hostID: String) async {}

    /// Permissions follow those who come in.
    func run(_ events: AsyncStream<RelayEvent>) async {}
}
