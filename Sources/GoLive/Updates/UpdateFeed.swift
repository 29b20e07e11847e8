/// What one listener is served from. Dropping it ends the listener.
struct UpdateFeed: Sendable {
    let id: UInt64
    /// The newest update before the listener came.
    let joined: EventID
    /// Whether it goes on where the listener left off; else it is to begin with a snapshot.
    let isResumed: Bool
    /// Yields when there is something to take; ends with the listener.
    let news: AsyncStream<Void>
    /// Yields nothing and ends when the listener is over, even while something is being written.
    let end: AsyncStream<Void>
}
