/// The last updates of one host, for those who come back.
struct UpdateLog: Sendable {
    struct Entry: Sendable, Hashable {
        var number: UInt64
        /// Whether a later one of its kind makes it worthless.
        var isViewerCount: Bool
        /// The event as it is sent.
        var text: String
    }

    /// Updates kept.
    static let capacity = 64

    let epoch: UInt64
    /// Of the newest update.
    private(set) var last: UInt64 = 0
    private var entries: [Entry] = []

    init(epoch: UInt64) {
        self.epoch = epoch
    }

    /// The id of the newest update.
    var lastID: EventID { EventID(epoch: epoch, number: last) }

    mutating func append(_ update: LiveUpdate, chatDelay: Duration) -> Entry {
        last += 1
        var entry = Entry(number: last, isViewerCount: false, text: update.event(id: lastID, chatDelay: chatDelay).text)
        if case .viewerCount = update { entry.isViewerCount = true }
        if entries.count == Self.capacity { entries.removeFirst() }
        entries.append(entry)
        return entry
    }

    /// What came after an update; nil when that cannot be told any more: the id is of another log, or too old.
    func missed(after id: EventID) -> [Entry]? {
        guard id.epoch == epoch, id.number <= last, last - id.number <= UInt64(entries.count) else { return nil }
        return entries.suffix(Int(last - id.number))
    }
}
