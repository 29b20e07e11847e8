import Relay
import Signal

/// Following and blocking, and what follows from them at once.
struct Relations: Sendable {
    let store: Store
    let relay: Relay
    let revocations: Revocations
    let updates: LiveUpdates
    let chat: ChatModerator
}
