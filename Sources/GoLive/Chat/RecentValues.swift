/// Values by key, of which at most `capacity` are kept: when there are more, the quarter that was longest not used is
/// forgotten.
struct RecentValues<Key: Hashable, Value> {
    private struct Entry {
        var value: Value
        /// Grows with every use.
        var used: UInt64
    }

    let capacity: Int
    private var entries: [Key: Entry] = [:]
    private var uses: UInt64 = 0

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    var count: Int { entries.count }
    /// Looking at them is no use.
    var values: [Value] { entries.values.map(\.value) }

    subscript(key: Key) -> Value? {
        mutating get {
            uses += 1
            entries[key]?.used = uses
            return entries[key]?.value
        }
        set {
            uses += 1
            entries[key] = newValue.map { Entry(value: $0, used: uses) }
            if entries.count > capacity { forget() }
        }
    }

    private mutating func forget() {
        let oldest = entries.map { ($0.value.used, $0.key) }.sorted { $0.0 < $1.0 }
        for (_, key) in oldest.prefix(max(1, capacity / 4)) { entries[key] = nil }
    }
}
