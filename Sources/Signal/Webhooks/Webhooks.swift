import AsyncHTTPClient
import Crypto
package import Foundation
package import Logging
import NIOCore
import NIOHTTP1
package import Relay

/// Tells the operator's own servers what happens in rooms, as LiveKit does: a JSON `WebhookEvent` is posted with a token
/// over its SHA-256.
///
/// Every receiver has its own queue and gets its events in order; one that fails is tried again with growing, jittered
/// pauses, and one that is slow loses its oldest events rather than slow anything else.
package actor Webhooks {
    package struct Retry: Sendable {
        package var attempts = 6
        package var firstPause: Duration = .milliseconds(500)
        package var longestPause: Duration = .seconds(30)
        /// For one attempt.
        package var timeout: Duration = .seconds(10)

        package init() {}
    }

    /// What became of a receiver's events.
    package struct Counts: Sendable, Equatable {
        /// The URL's host and port: the rest may hold secrets.
        package var receiver: String
        package var delivered = 0
        package var failed = 0
        package var dropped = 0
    }

    private struct Receiver {
        let url: URL
        let messages: AsyncStream<WebhookMessage>
        let queue: AsyncStream<WebhookMessage>.Continuation
    }

    package private(set) var counts: [Counts]

    private let receivers: [Receiver]
    private let tokens: AccessTokens
    private let apiKey: String
    private let retry: Retry
    private let logger: Logger

    /// - Parameters:
    ///   - apiKey: signs the events.
    ///   - capacity: events that wait for one receiver.
    package init(
        urls: [URL], tokens: AccessTokens, apiKey: String, capacity: Int = 1024, retry: Retry = Retry(), logger: Logger
    ) {
        receivers = urls.map { url in
            let (messages, queue) = AsyncStream.makeStream(
                of: WebhookMessage.self, bufferingPolicy: .bufferingNewest(capacity))
            return Receiver(url: url, messages: messages, queue: queue)
        }
        counts = urls.map { url in Counts(receiver: Self.name(url)) }
        self.tokens = tokens
        self.apiKey = apiKey
        self.retry = retry
        self.logger = logger
    }

    private static func name(_ url: URL) -> String {
        (url.host ?? "") + (url.port.map { ":\($0)" } ?? "")
    }

    /// Delivers until the events end and the queues are empty, or until it is cancelled.
    package func run(_ events: AsyncStream<RelayEvent>) async {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(5)
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        await withDiscardingTaskGroup { group in
            for (index, receiver) in receivers.enumerated() {
                group.addTask { await self.deliver(receiver.messages, to: receiver.url, index, client) }
            }
            for await event in events { enqueue(event) }
            for receiver in receivers { receiver.queue.finish() }
        }
        try? await client.shutdown()
    }

    private func enqueue(_ event: RelayEvent) {
        guard
            !receivers.isEmpty,
            let message = try? WebhookMessage(event, id: WebhookMessage.randomID(), time: AccessTokens.now())
        else { return }
        for (index, receiver) in receivers.enumerated() {
            if case .dropped = receiver.queue.yield(message) { counts[index].dropped += 1 }
        }
    }

    private func deliver(
        _ messages: AsyncStream<WebhookMessage>, to url: URL, _ index: Int, _ client: HTTPClient
    ) async {
        for await message in messages {
            if await deliver(message, to: url, client) {
                counts[index].delivered += 1
            } else {
                counts[index].failed += 1
            }
        }
    }

    /// Whether the receiver took it in the end.
    private func deliver(_ message: WebhookMessage, to url: URL, _ client: HTTPClient) async -> Bool {
        var pause = retry.firstPause
        for attempt in 1...max(1, retry.attempts) {
            let outcome: String
            do {
                let status = try await post(message, to: url, client)
                switch status {
                case 200..<300: return true
                // The receiver understood and does not want it; saying it again helps nobody.
                case 400..<500 where status != 408 && status != 429:
                    logger.warning(
                        "a webhook was refused",
                        metadata: ["receiver": "\(Self.name(url))", "status": "\(status)", "event": "\(message.id)"])
                    return false
                default: outcome = "status \(status)"
                }
            } catch {
                outcome = "\(type(of: error))"
            }
            logger.info(
                "a webhook was not delivered",
                metadata: [
                    "receiver": "\(Self.name(url))", "event": "\(message.id)", "attempt": "\(attempt)",
                    "reason": "\(outcome)",
                ])
            guard attempt < retry.attempts else { break }
            // Half of the pause is random, so that receivers that come back are not met by everyone at once.
            try? await Task.sleep(for: pause * Double.random(in: 0.5...1))
            if Task.isCancelled { return false }
            pause = min(pause * 2, retry.longestPause)
        }
        return false
    }

    private func post(_ message: WebhookMessage, to url: URL, _ client: HTTPClient) async throws -> Int {
        let digest = Data(SHA256.hash(data: message.body)).base64EncodedString()
        let token = try await tokens.issue(Grant(identity: "", sha256: digest), apiKey: apiKey, ttl: .seconds(300))
        var request = HTTPClientRequest(url: url.absoluteString)
        request.method = .POST
        request.headers.add(name: "authorization", value: token)
        request.headers.add(name: "content-type", value: "application/webhook+json")
        request.headers.add(name: "user-agent", value: "\(ServerVersion.name)/\(ServerVersion.current)")
        request.body = .bytes(message.body)
        let response = try await client.execute(request, timeout: TimeAmount(retry.timeout))
        return Int(response.status.code)
    }
}
