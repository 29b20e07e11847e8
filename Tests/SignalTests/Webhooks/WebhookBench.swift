import Foundation
import Logging
@testable import Relay
import Synchronization

@testable import Signal

/// A clock that stands still but for pauses, which pass at once.
final class FakeTime: Sendable {
    private let milliseconds = Mutex<Int64>(1_700_000_000_000)
    private let slept = Mutex<[Duration]>([])

    /// The pauses that were made.
    var pauses: [Duration] { slept.withLock { $0 } }
    var now: Int64 { milliseconds.withLock { $0 } }

    func advance(by duration: Duration) { milliseconds.withLock { $0 += duration.milliseconds } }

    var time: WebhookTime {
        WebhookTime {
            self.now
        } sleep: { duration in
            try Task.checkCancellation()
            self.slept.withLock { $0.append(duration) }
            self.advance(by: duration)
        }
    }

    /// The same time of day, with pauses that only a cancellation ends.
    var endless: WebhookTime {
        WebhookTime {
            self.now
        } sleep: { duration in
            self.slept.withLock { $0.append(duration) }
            try await Task.sleep(for: .seconds(86_400))
        }
    }
}

/// A log in memory.
final class MemoryLog: Sendable {
    private let states = Mutex<[WebhookDelivery]>([])
    let pending: [WebhookDelivery]

    init(pending: [WebhookDelivery] = []) { self.pending = pending }

    /// Every state that was recorded, in order.
    var recorded: [WebhookDelivery] { states.withLock { $0 } }

    /// The last state of each delivery, in the order in which they were first recorded.
    var latest: [WebhookDelivery] {
        var order: [[String]] = []
        var last: [[String]: WebhookDelivery] = [:]
        for delivery in recorded {
            let key = [delivery.eventID, delivery.receiver]
            if last.updateValue(delivery, forKey: key) == nil { order.append(key) }
        }
        return order.compactMap { last[$0] }
    }

    var log: WebhookLog {
        WebhookLog { delivery in
            self.states.withLock { $0.append(delivery) }
        } pending: { oldest in
            self.pending.filter { $0.queuedAt >= oldest }
        }
    }
}

/// Webhooks that run until `body` returns.
func withWebhooks(
    to urls: [String], capacity: Int = 100, time: WebhookTime, log: MemoryLog = MemoryLog(),
    _ body: (Webhooks, AsyncStream<RelayEvent>.Continuation) async throws -> Void
) async throws {
    let webhooks = Webhooks(
        urls: urls.compactMap { URL(string: $0) }, tokens: AccessTokens(keys: ["devkey": "secret"]), apiKey: "devkey",
        capacity: capacity, time: time, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let (events, continuation) = AsyncStream.makeStream(of: RelayEvent.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await webhooks.run(events, log: log.log) }
        do {
            try await body(webhooks, continuation)
        } catch {
            continuation.finish()
            throw error
        }
        continuation.finish()
        try await group.waitForAll()
    }
}

/// Asks again until it is so.
func eventually(_ condition: () async throws -> Bool) async throws {
    while try await !condition() { try await Task.sleep(for: .milliseconds(5)) }
}

func roomEvent(_ name: String) -> RelayEvent {
    .roomStarted(
        RoomState(
            id: RoomID("RM_1"), name: name, metadata: "", createdAt: 1, emptyTimeout: 1, departureTimeout: 1,
            maxParticipants: 0, participantCount: 0, publisherCount: 0))
}
