import Media
import Testing

@testable import Relay

/// Everything that runs a relay with sockets, one test after another: they share two cores with the relay's workers.
@Suite(.serialized) enum LiveRelay {}

struct TimedOut: Error {
    var what: String
}

/// Waits until `condition` holds. What is waited for is named where it did not come in time.
func eventually(
    _ what: String, within limit: Duration = .seconds(15), _ condition: () async throws -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let deadline = Clock.now() + limit
    while try await !condition() {
        guard Clock.now() < deadline else {
            Issue.record("not in time: \(what)", sourceLocation: sourceLocation)
            throw TimedOut(what: what)
        }
        try await Task.sleep(for: .milliseconds(4))
    }
}

/// A relay on a port of its own with the peers that joined it; everything is taken down after `body`.
final class RelayBench: Sendable {
    let relay: Relay
    private let peers = Locked<[TestPeer]>([])

    init(_ relay: Relay) {
        self.relay = relay
    }

    func join(
        _ identity: String, room: String = "room", permission: Permission = .everything, autoSubscribe: Bool = true,
        answersOffers: Bool = true, takesRedundancy: Bool = true, path: PeerPath = .udp
    ) async throws -> TestPeer {
        let peer = try await TestPeer(
            relay, room: room, identity: identity, permission: permission, autoSubscribe: autoSubscribe,
            answersOffers: answersOffers, takesRedundancy: takesRedundancy, path: path)
        peers.withLock { $0.append(peer) }
        return peer
    }

    /// Drops counted so far for one reason.
    func drops(_ reason: DropReason) async -> UInt64 {
        await relay.metrics().drops.first { $0.reason == reason.label }?.count ?? 0
    }

    func stopPeers() {
        for peer in peers.withLock({ $0 }) { peer.stop() }
    }
}

/// Runs `body` with a relay that listens on a free loopback port.
func withRelay(
    workers: Int = 1, configure: (inout RelayConfiguration) -> Void = { _ in },
    _ body: (RelayBench) async throws -> Void
) async throws {
    var configuration = RelayConfiguration(udpPort: 0, workers: workers)
    configure(&configuration)
    let relay = try Relay(configuration: configuration)
    let running = Task { await relay.run() }
    let bench = RelayBench(relay)
    do {
        try await body(bench)
    } catch is TimedOut {
        // Recorded where it happened.
    }
    bench.stopPeers()
    await relay.shutdown()
    await running.value
}

extension Permission {
    static let everything = Permission(
        canSubscribe: true, canPublish: true, canPublishData: true, canUpdateOwnMetadata: true)
}
