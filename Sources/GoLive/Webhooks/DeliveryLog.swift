import Logging
import Signal
import Synchronization

/// Keeps the webhook deliveries in the database: what happened to the newest 10,000, and what is to be gone on with
/// after a restart.
///
/// Deliveries never wait for the database. Their states gather here, the latest of each, and are written in the order
/// in which the deliveries were made. What a crash keeps from being written is lost, or is delivered again.
final class DeliveryLog: Sendable {
    /// Entries that are kept, and states that wait to be written while the database is away.
    static let capacity = 10_000

    private struct Key: Hashable {
        var eventID: String
        var receiver: String
    }

    private struct Unwritten {
        var order: [Key] = []
        var latest: [Key: WebhookDelivery] = [:]
    }

    let store: Store
    private let logger: Logger
    private let capacity: Int
    private let unwritten = Mutex(Unwritten())
    private let (wakes, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(store: Store, logger: Logger, capacity: Int = DeliveryLog.capacity) {
        self.store = store
        self.logger = logger
        self.capacity = capacity
    }

    /// As the deliverer sees it.
    var log: WebhookLog {
        WebhookLog(record: { self.record($0) }, pending: { await self.pending(since: $0) })
    }

    /// Writes what was recorded until its task is cancelled, and then what is left.
    func run() async {
        for await _ in wakes {
            guard await !write() else { continue }
            try? await Task.sleep(for: .seconds(1))
            waker.yield()
        }
        await write()
    }

    // MARK: The states

    private func record(_ delivery: WebhookDelivery) {
        let key = Key(eventID: delivery.eventID, receiver: delivery.receiver)
        unwritten.withLock { unwritten in
            if unwritten.latest.updateValue(delivery, forKey: key) == nil { unwritten.order.append(key) }
            if unwritten.order.count > capacity { unwritten.latest[unwritten.order.removeFirst()] = nil }
        }
        waker.yield()
    }

    /// - Returns: false when the database did not take it; then it is to be written later.
    @discardableResult
    private func write() async -> Bool {
        let taken = unwritten.withLock { unwritten in
            defer { unwritten = Unwritten() }
            return unwritten.order.compactMap { unwritten.latest[$0] }
        }
        guard !taken.isEmpty else { return true }
        // In a task of its own: what is recorded last is written although this task is being cancelled.
        let writing = Task { [store, capacity] in
            try await store.write { connection in
                var added = false
                for delivery in taken where try connection.record(delivery) { added = true }
                if added { try connection.trimDeliveries(to: capacity) }
            }
        }
        do {
            try await writing.value
            return true
        } catch {
            logger.error("webhook deliveries could not be logged", metadata: ["error": "\(error)"])
            putBack(taken)
            return false
        }
    }

    /// Before what was recorded in the meantime; newer states stay.
    private func putBack(_ taken: [WebhookDelivery]) {
        unwritten.withLock { unwritten in
            var order: [Key] = []
            for delivery in taken {
                let key = Key(eventID: delivery.eventID, receiver: delivery.receiver)
                if unwritten.latest[key] == nil { unwritten.latest[key] = delivery }
                order.append(key)
            }
            let known = Set(order)
            order += unwritten.order.filter { !known.contains($0) }
            for key in order.dropLast(capacity) { unwritten.latest[key] = nil }
            unwritten.order = order.suffix(capacity)
        }
    }

    private func pending(since oldest: Int64) async -> [WebhookDelivery] {
        do {
            return try await store.write { try $0.waitingDeliveries(since: oldest, at: WallClock.now()) }
        } catch {
            logger.error("webhooks that wait could not be read", metadata: ["error": "\(error)"])
            return []
        }
    }
}

extension DeliveryLog {
    /// Puts a delivery that has come to an end back into its queue, with an hour of its own; ends the pause before the
    /// next attempt at one that waits.
    ///
    /// - Throws: `delivery_not_found`, `receiver_gone`.
    func retry(_ number: Int64, through webhooks: Webhooks) async throws -> LoggedDelivery {
        guard var logged = try await store.read({ try $0.delivery(number: number) }) else {
            throw APIError.deliveryNotFound
        }
        guard await webhooks.serves(logged.delivery.receiver) else { throw APIError.receiverGone }
        let isWaiting = logged.delivery.state == .waiting
        if !isWaiting {
            let now = WallClock.now()
            let claimed = try await store.write { try $0.requeueDelivery(number: number, at: now) }
            guard claimed else { return try await store.read { try $0.delivery(number: number) } ?? logged }
            logged.delivery.state = .waiting
            logged.delivery.queuedAt = now
            logged.delivery.updatedAt = now
        }
        await webhooks.redeliver(logged.delivery, isWaiting: isWaiting)
        return logged
    }
}
