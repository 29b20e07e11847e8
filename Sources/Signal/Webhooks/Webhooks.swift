package import Foundation
package import Logging
package import Relay

/// Tells the operator's own servers what happens in rooms, as LiveKit does: a JSON `WebhookEvent` is posted with a token
/// over its SHA-256.
///
/// Every receiver has its own queue and gets its events in order, each at least once. One that fails is tried again with
/// growing, jittered pauses until its event is an hour old; meanwhile later events wait behind, and a full queue gives up
/// its oldest. Nothing here ever holds up a room or another receiver.
package actor Webhooks {
    /// What became of a receiver's events.
    package struct Counts: Sendable, Equatable {
        /// The URL's host and port: the rest may hold secrets.
        package var receiver: String
        package var delivered = 0
        package var failed = 0
        package var dropped = 0
    }

    private struct Receiver {
        let url: String
        let deliveries: AsyncStream<WebhookDelivery>
        let queue: AsyncStream<WebhookDelivery>.Continuation
        /// The pause that it is in.
        var pause: Task<Void, any Error>?
    }

    package private(set) var counts: [Counts]

    private var receivers: [Receiver]
    /// Whether no more pauses are made: what cannot be delivered now stays waiting in the log.
    private var isEnding = false
    private var log = WebhookLog.none
    private let tokens: AccessTokens
    private let apiKey: String
    private let retry: WebhookRetry
    private let time: WebhookTime
    private let logger: Logger

    /// - Parameters:
    ///   - urls: the receivers; one that is named twice is told once.
    ///   - apiKey: signs the events.
    ///   - capacity: events that wait for one receiver.
    package init(
        urls: [URL], tokens: AccessTokens, apiKey: String, capacity: Int = 1024, retry: WebhookRetry = WebhookRetry(),
        time: WebhookTime = .system, logger: Logger
    ) {
        var names: [String] = []
        for url in urls where !names.contains(url.absoluteString) { names.append(url.absoluteString) }
        receivers = names.map { name in
            let (deliveries, queue) = AsyncStream.makeStream(
                of: WebhookDelivery.self, bufferingPolicy: .bufferingNewest(capacity))
            return Receiver(url: name, deliveries: deliveries, queue: queue)
        }
        counts = names.map { Counts(receiver: Self.name(ofReceiver: $0)) }
        self.tokens = tokens
        self.apiKey = apiKey
        self.retry = retry
        self.time = time
        self.logger = logger
    }

    /// How a receiver is called before people: host and port of its URL, for the rest may hold secrets.
    package static func name(ofReceiver url: String) -> String {
        guard let url = URL(string: url) else { return "" }
        return (url.host ?? "") + (url.port.map { ":\($0)" } ?? "")
    }

    /// Goes on with what was waiting, and delivers until the events end or its task is cancelled. Once they have ended,
    /// every receiver gets what it takes without a pause.
    package func run(_ events: AsyncStream<RelayEvent>, log: WebhookLog = .none) async {
        self.log = log
        let sender = WebhookSender(tokens: tokens, apiKey: apiKey, timeout: retry.timeout)
        await withDiscardingTaskGroup { group in
            for index in receivers.indices {
                group.addTask { await self.deliver(to: index, sender) }
            }
            for delivery in await log.pending(time.now() - retry.patience.milliseconds) { resume(delivery) }
            for await event in events { enqueue(event) }
            isEnding = true
            for receiver in receivers {
                receiver.queue.finish()
                receiver.pause?.cancel()
            }
        }
        await sender.close()
    }

    /// Whether the URL is one of the receivers.
    package func serves(_ receiver: String) -> Bool { receivers.contains { $0.url == receiver } }

    /// Puts a delivery at the end of its receiver's queue, unless it is there already, and ends the receiver's pause.
    package func redeliver(_ delivery: WebhookDelivery, isWaiting: Bool) {
        guard let index = receivers.firstIndex(where: { $0.url == delivery.receiver }) else { return }
        if !isWaiting { queue(delivery, for: index) }
        receivers[index].pause?.cancel()
    }

    // MARK: The queues

    private func resume(_ delivery: WebhookDelivery) {
        if let index = receivers.firstIndex(where: { $0.url == delivery.receiver }) {
            queue(delivery, for: index)
        } else {
            record(delivery, .givenUp, "no longer a receiver")
        }
    }

    private func enqueue(_ event: RelayEvent) {
        let now = time.now()
        guard
            !receivers.isEmpty,
            let message = try? WebhookMessage(event, id: WebhookMessage.randomID(), time: now / 1000)
        else { return }
        for index in receivers.indices {
            let delivery = WebhookDelivery(
                eventID: message.id, event: message.name, receiver: receivers[index].url, body: message.body,
                createdAt: now)
            log.record(delivery)
            queue(delivery, for: index)
        }
    }

    private func queue(_ delivery: WebhookDelivery, for index: Int) {
        guard case .dropped(let oldest) = receivers[index].queue.yield(delivery) else { return }
        counts[index].dropped += 1
        record(oldest, .givenUp, "queue full")
    }

    // MARK: One receiver

    private func deliver(to index: Int, _ sender: WebhookSender) async {
        var backoff = WebhookBackoff(retry)
        for await delivery in receivers[index].deliveries {
            guard await settle(delivery, index, &backoff, sender) else { return }
        }
    }

    /// Tries until the delivery has an end.
    ///
    /// - Returns: false when it has none, because everything ends.
    private func settle(
        _ waiting: WebhookDelivery, _ index: Int, _ backoff: inout WebhookBackoff, _ sender: WebhookSender
    ) async -> Bool {
        var delivery = waiting
        let deadline = delivery.queuedAt + retry.patience.milliseconds
        // The receiver has just failed at an older one: nothing says that it would take this.
        while !backoff.isFailing || time.now() < deadline {
            let outcome = await sender.send(delivery)
            // An attempt that was broken off says nothing about the receiver.
            if Task.isCancelled { return false }
            delivery.attempts += 1
            switch outcome {
            case .delivered(let reason):
                backoff.answered()
                counts[index].delivered += 1
                record(delivery, .delivered, reason)
                return true
            case .refused(let reason):
                backoff.answered()
                counts[index].failed += 1
                record(delivery, .refused, reason)
                return true
            case .failed(let reason):
                let pause = backoff.failed(share: Double.random(in: 0...1))
                let rest = Duration.milliseconds(max(0, deadline - time.now()))
                if rest > .zero {
                    delivery = record(delivery, .waiting, reason)
                } else {
                    delivery.lastOutcome = reason
                }
                guard await self.pause(index, for: min(pause, rest)) else { return false }
            }
        }
        counts[index].failed += 1
        record(delivery, .givenUp, delivery.lastOutcome ?? "the receiver does not answer")
        return true
    }

    /// - Returns: false when everything ends.
    private func pause(_ index: Int, for duration: Duration) async -> Bool {
        guard !isEnding, !Task.isCancelled else { return false }
        let sleep = Task { [time] in try await time.sleep(duration) }
        receivers[index].pause = sleep
        await withTaskCancellationHandler {
            _ = await sleep.result
        } onCancel: {
            sleep.cancel()
        }
        receivers[index].pause = nil
        return !isEnding && !Task.isCancelled
    }

    @discardableResult
    private func record(
        _ delivery: WebhookDelivery, _ state: WebhookDelivery.State, _ outcome: String
    ) -> WebhookDelivery {
        var delivery = delivery
        delivery.state = state
        delivery.lastOutcome = outcome
        delivery.updatedAt = time.now()
        log.record(delivery)
        if state != .delivered {
            logger.log(
                level: state == .waiting ? .info : .warning, "a webhook was not delivered",
                metadata: [
                    "receiver": "\(Self.name(ofReceiver: delivery.receiver))", "event": "\(delivery.eventID)",
                    "attempts": "\(delivery.attempts)", "state": "\(state.rawValue)", "reason": "\(outcome)",
                ])
        }
        return delivery
    }
}
