import NIOCore
import Synchronization

/// Counts of the HTTP port, written from every event loop.
final class HTTPCounters: Sendable {
    private let connectionsNow = Atomic<Int>(0)
    private let connectionsEver = Atomic<Int>(0)
    private let webSocketsNow = Atomic<Int>(0)
    private let webSocketsEver = Atomic<Int>(0)
    private let answers2xx = Atomic<Int>(0)
    private let answers3xx = Atomic<Int>(0)
    private let answers4xx = Atomic<Int>(0)
    private let answers5xx = Atomic<Int>(0)

    struct Reading: Sendable {
        var connectionsNow = 0
        var connectionsEver = 0
        var webSocketsNow = 0
        var webSocketsEver = 0
        /// Answers by class of status: `2xx` and so on.
        var answers: [(status: String, count: Int)] = []
    }

    func opened(_ channel: any Channel) {
        connectionsNow.add(1, ordering: .relaxed)
        connectionsEver.add(1, ordering: .relaxed)
        channel.closeFuture.whenComplete { [self] _ in connectionsNow.subtract(1, ordering: .relaxed) }
    }

    func webSocketOpened() {
        webSocketsNow.add(1, ordering: .relaxed)
        webSocketsEver.add(1, ordering: .relaxed)
    }

    func webSocketClosed() {
        webSocketsNow.subtract(1, ordering: .relaxed)
    }

    func answered(status: Int) {
        switch status {
        case ..<300: answers2xx.add(1, ordering: .relaxed)
        case ..<400: answers3xx.add(1, ordering: .relaxed)
        case ..<500: answers4xx.add(1, ordering: .relaxed)
        default: answers5xx.add(1, ordering: .relaxed)
        }
    }

    func read() -> Reading {
        Reading(
            connectionsNow: connectionsNow.load(ordering: .relaxed),
            connectionsEver: connectionsEver.load(ordering: .relaxed),
            webSocketsNow: webSocketsNow.load(ordering: .relaxed),
            webSocketsEver: webSocketsEver.load(ordering: .relaxed),
            answers: [
                ("2xx", answers2xx.load(ordering: .relaxed)), ("3xx", answers3xx.load(ordering: .relaxed)),
                ("4xx", answers4xx.load(ordering: .relaxed)), ("5xx", answers5xx.load(ordering: .relaxed)),
            ])
    }
}
