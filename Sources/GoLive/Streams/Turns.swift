/// Lets what concerns one key happen one after another, in the order of asking, though it waits for others in between.
actor Turns<Key: Hashable & Sendable> {
    /// Keys that are taken, and who waits for them.
    private var waiting: [Key: [CheckedContinuation<Void, Never>]] = [:]

    /// Runs `body` when nobody else does anything under this key.
    func take<Value: Sendable>(
        _ key: Key, _ body: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        await enter(key)
        defer { leave(key) }
        return try await body()
    }

    private func enter(_ key: Key) async {
        guard waiting[key] != nil else {
            waiting[key] = []
            return
        }
        await withCheckedContinuation { waiting[key]?.append($0) }
    }

    private func leave(_ key: Key) {
        guard waiting[key]?.isEmpty == false else {
            waiting[key] = nil
            return
        }
        waiting[key]?.removeFirst().resume()
    }
}
