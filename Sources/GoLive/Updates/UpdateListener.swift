/// Somebody who listens, as `LiveUpdates` keeps them.
struct UpdateListener {
    /// Updates that wait for a listener that does not read, beside the newest viewer count of each host; one more ends it.
    static let capacity = 128

    /// Nil for guests.
    let userID: String?
    /// Of the hosts that they asked for.
    let epoch: UInt64
    let isDirectory: Bool
    /// Those of the hosts that they still hear.
    private(set) var hostIDs: Set<String>
    private let news: AsyncStream<Void>.Continuation
    private let end: AsyncStream<Void>.Continuation
    private var waiting: [UpdateLog.Entry] = []
    /// What is sent before what waits.
    private var preface = ServerSentEvent.retry(after: 2000)
    private var hasComment = false
    /// Whether streams began or ended that they do not know of; `directory` says so when its second is over.
    private var isDirectoryStale = false
    private var isDirectoryDue = false

    init(
        _ scope: UpdateScope, userID: String?, epoch: UInt64, news: AsyncStream<Void>.Continuation,
        end: AsyncStream<Void>.Continuation
    ) {
        self.userID = userID
        self.epoch = epoch
        self.news = news
        self.end = end
        isDirectory = scope.isDirectory
        hostIDs = Set(scope.sources.map(\.id))
        // What began or ended while they did not listen is not kept.
        isDirectoryDue = isDirectory
        news.yield()
    }

    /// False when the listener has not read for too long.
    mutating func add(_ entry: UpdateLog.Entry) -> Bool {
        if entry.isViewerCount { waiting.removeAll { $0.isViewerCount && $0.hostID == entry.hostID } }
        guard waiting.count < Self.capacity + hostIDs.count - 1 else { return false }
        waiting.append(entry)
        news.yield()
        return true
    }

    mutating func begin(with snapshot: String) { preface += snapshot }

    /// From now on, nothing of this host.
    mutating func leaveOut(_ hostID: String) {
        hostIDs.remove(hostID)
        waiting.removeAll { $0.hostID == hostID }
    }

    mutating func noteDirectory() { isDirectoryStale = isDirectory }

    mutating func tellDirectory() {
        guard isDirectoryStale else { return }
        isDirectoryStale = false
        isDirectoryDue = true
        news.yield()
    }

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
        for entry in waiting { text += "id: \(EventID(epoch: epoch, number: entry.number).text)\n" + entry.text }
        if isDirectoryDue { text += ServerSentEvent.directory.text }
        // Anything that is sent says that the connection is open.
        if text.isEmpty, hasComment { text = ServerSentEvent.comment }
        preface = ""
        waiting = []
        isDirectoryDue = false
        hasComment = false
        return text
    }

    func finish() {
        news.finish()
        end.finish()
    }
}
