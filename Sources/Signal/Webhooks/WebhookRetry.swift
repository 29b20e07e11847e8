import Foundation

/// How long and how often a receiver that fails is tried.
package struct WebhookRetry: Sendable {
    package var firstPause: Duration = .seconds(1)
    package var longestPause: Duration = .seconds(300)
    /// After this much time in the queue an event is given up.
    package var patience: Duration = .seconds(3600)
    /// For one attempt.
    package var timeout: Duration = .seconds(10)

    package init() {}
}

/// The pauses between attempts at one receiver. They grow while it fails, whichever event it fails at, and begin anew
/// once it has answered.
struct WebhookBackoff: Sendable {
    private let retry: WebhookRetry
    private var next: Duration
    private(set) var isFailing = false

    init(_ retry: WebhookRetry) {
        self.retry = retry
        next = retry.firstPause
    }

    mutating func answered() {
        isFailing = false
        next = retry.firstPause
    }

    /// - Parameter share: from 0 to 1, at random: half of a pause is, so that receivers that come back are not met by
    ///   everyone at once.
    /// - Returns: how long to leave the receiver alone.
    mutating func failed(share: Double) -> Duration {
        isFailing = true
        defer { next = min(next * 2, retry.longestPause) }
        return next * (0.5 + share / 2)
    }
}

/// The time of day and the passing of time, which tests replace.
package struct WebhookTime: Sendable {
    /// Milliseconds since 1970.
    package var now: @Sendable () -> Int64
    /// - Throws: when its task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Int64, sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    package static let system = WebhookTime(
        now: { Int64(Date().timeIntervalSince1970 * 1000) }, sleep: { try await Task.sleep(for: $0) })
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
