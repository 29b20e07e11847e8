import Signal

/// Tokens for those who watch.
struct Viewers: Sendable {
    let store: Store
    let tokens: AccessTokens
    let chat: ChatModerator
}
