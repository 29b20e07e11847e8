/// What a creator wants to know of past sessions.
struct Analytics: Sendable {
    let store: Store
}
