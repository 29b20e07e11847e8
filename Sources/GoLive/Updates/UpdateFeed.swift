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

/// Somebody who listens, as `LiveUpdates` keeps them.
struct UpdateListener {
    /// Updates that wait for a listener that does not read; one more ends it.
    static let capacity = 128

    /// Nil for guests.
    let userID: String?
    private let news: AsyncStream<Void>.Continuation
    private let end: AsyncStream<Void>.Continuation
    private var waiting: [UpdateLog.Entry] = []
    /// What is sent before what waits.
    private var preface = ServerSentEvent.retry(after: 2000)
    private var hasComment = false

    init(
        userID: String?, missed: [UpdateLog.Entry], news: AsyncStream<Void>.Continuation,
        end: AsyncStream<Void>.Continuation
    ) {
        self.userID = userID
        self.news = news
        self.end = end
        waiting = missed
        news.yield()
    }

    /// False when the listener has not read for too long.
    mutating func add(_ entry: UpdateLog.Entry) -> Bool {
        if entry.isViewerCount { waiting.removeAll(where: \.isViewerCount) }
        guard waiting.count < Self.capacity else { return false }
        waiting.append(entry)
        news.yield()
        return true
    }

    mutating func begin(with snapshot: String) { preface += snapshot }

    /// False when the comment before was not taken either.
    mutating func addComment() -> Bool {
        guard !hasComment else { return false }
        hasComment = true
        news.yield()
        return true
    }

    /// Everything that is to be sent now, in order.
    mutating func take() -> String {
        var text = preface
        for entry in waiting { text += entry.text }
        // Anything that is sent says that the connection is open.
        if text.isEmpty, hasComment { text = ServerSentEvent.comment }
        preface = ""
        waiting = []
        hasComment = false
        return text
    }

    func finish() {
        news.finish()
        end.finish()
    }
}
