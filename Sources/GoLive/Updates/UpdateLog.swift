/// The last updates of one host, for those who come back.
struct UpdateLog: Sendable {
    struct Entry: Sendable, Hashable {
        /// Counts the updates of all hosts.
        var number: UInt64
        var hostID: String
        /// Whether a later one of its kind makes it worthless.
        var isViewerCount: Bool
        /// The event as it is sent, without its id, which depends on the listener.
        var text: String
    }

    /// Updates kept.
    static let capacity = 64

    /// The newest update that is not kept, or that was before the log was begun.
    private(set) var since: UInt64
    private(set) var entries: [Entry] = []

    init(since: UInt64) {
        self.since = since
    }

    /// The number of the newest update.
    var last: UInt64 { entries.last?.number ?? since }

    mutating func append(_ entry: Entry) {
        if entries.count == Self.capacity { since = entries.removeFirst().number }
        entries.append(entry)
    }

    /// What came after an update; nil when that cannot be told any more.
    func missed(after number: UInt64) -> [Entry]? {
        guard number >= since else { return nil }
        return Array(entries[(entries.firstIndex { $0.number > number } ?? entries.endIndex)...])
    }
}
