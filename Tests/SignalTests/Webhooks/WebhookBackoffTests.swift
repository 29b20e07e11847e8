import Testing

@testable import Signal

@Suite struct WebhookBackoffTests {
    @Test func `pauses double up to five minutes, and begin anew after an answer`() {
        var backoff = WebhookBackoff(WebhookRetry())
        let pauses = (0..<12).map { _ in backoff.failed(share: 1) }
        #expect(pauses.prefix(9).map(\.milliseconds) == (0..<9).map { 1000 << $0 })
        #expect(pauses.suffix(3).allSatisfy { $0 == .seconds(300) })
        #expect(backoff.isFailing)
        backoff.answered()
        #expect(!backoff.isFailing)
        #expect(backoff.failed(share: 1) == .seconds(1))
    }

    @Test func `half of a pause is random`() {
        var least = WebhookBackoff(WebhookRetry())
        var most = WebhookBackoff(WebhookRetry())
        #expect(least.failed(share: 0) == .milliseconds(500))
        #expect(most.failed(share: 1) == .seconds(1))
    }
}
