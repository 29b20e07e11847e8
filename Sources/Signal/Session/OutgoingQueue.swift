import Synchronization

/// What waits to be written to one client: filled by its session, emptied by its writer, bounded in messages and bytes.
final class OutgoingQueue: Sendable {
    /// For the one writer; ends once the outbox is closed and empty.
    let messages: AsyncStream<WebSocketMessage>
    private let continuation: AsyncStream<WebSocketMessage>.Continuation
    private let queuedBytes = Atomic<Int>(0)
    private let byteLimit: Int

    /// - Parameters:
    ///   - messageLimit: messages that may wait.
    ///   - byteLimit: bytes that may wait; one message of any size fits in when nothing else does.
    init(messageLimit: Int, byteLimit: Int) {
        self.byteLimit = byteLimit
        (messages, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(messageLimit))
    }

    /// Whether there was room. Discards what comes after `close`.
    func put(_ message: WebSocketMessage) -> Bool {
        let queued = queuedBytes.load(ordering: .relaxed)
        guard queued == 0 || queued + message.size <= byteLimit else { return false }
        queuedBytes.add(message.size, ordering: .relaxed)
        guard case .dropped = continuation.yield(message) else { return true }
        return false
    }

    /// The writer has written it.
    func written(_ message: WebSocketMessage) {
        queuedBytes.subtract(message.size, ordering: .relaxed)
    }

    func close() { continuation.finish() }
}
