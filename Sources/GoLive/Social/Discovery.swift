/// Finding streams: live, followed, recommended, searched for.
struct Discovery: Sendable {
    let store: Store
    let streams: LiveStreams
}
