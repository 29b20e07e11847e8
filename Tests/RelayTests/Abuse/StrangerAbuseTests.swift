import Media
import Testing

@testable import Relay

extension LiveRelay {
    /// Whoever only knows the port.
    @Suite struct StrangerAbuse {
        @Test func `ClientHellos from strangers are dropped, counted and never answered`() async throws {
            try await AbusedRoom.with { room in
                let stranger = LoopbackSocket()
                let hello = room.clientHello()
                try await room.flood(2000) { _ in for datagram in hello { stranger.send(datagram, to: room.relay) } }
                try await eventually("drops") { await room.bench.drops(.unknownAddress) >= 2000 }
                #expect(stranger.receive() == nil)
            }
        }

        @Test func `a ClientHello replayed from a viewer's own address does not cost that viewer its session`()
            async throws
        {
            try await AbusedRoom.with { room in
                let hello = room.clientHello()
                let victim = room.viewers[0]
                try await room.flood(500) { _ in
                    victim.look { for datagram in hello { $0.subscriber.socket.send(datagram, to: room.relay) } }
                }
                try await eventually("drops") { await room.bench.drops(.dtlsRefused) >= 250 }
                #expect(victim.isSubscriberConnected)
            }
        }

        @Test func `checks for unknown sessions, or with a wrong password, are counted and never answered`()
            async throws
        {
            try await AbusedRoom.with { room in
                // Several, so that the kernel hands some to the worker where the session is, and some to another.
                let strangers = (0..<8).map { _ in LoopbackSocket() }
                let offered = try #require(room.abuser.look { $0.offered })
                let known = try #require(offered.iceCredentials(of: offered.media[0]))
                let unknown = room.check(ufrag: "unknown1", password: "password")
                let forged = room.check(ufrag: known.ufrag, password: "not the password")
                try await room.flood(3000) { index in
                    strangers[index / 2 % strangers.count].send(index % 2 == 0 ? unknown : forged, to: room.relay)
                }
                try await eventually("drops") { await room.bench.drops(.stunRefused) >= 2500 }
                for stranger in strangers { #expect(stranger.receive() == nil) }
            }
        }

        @Test func `packets that were recorded and played again are counted, and reach nobody`() async throws {
            try await AbusedRoom.with { room in
                let recorded = room.creator.look { $0.publisher.latest }
                #expect(!recorded.isEmpty)
                let stranger = LoopbackSocket()
                try await room.flood(1000) { _ in
                    room.creator.look { $0.publisher.socket.send(recorded, to: room.relay) }
                    stranger.send(recorded, to: room.relay)
                }
                try await eventually("drops") {
                    let replayed = await room.bench.drops(.replay)
                    let unknown = await room.bench.drops(.unknownAddress)
                    return replayed >= 500 && unknown >= 500
                }
            }
        }

        @Test func `a report that was recorded and played again asks for nothing more`() async throws {
            try await AbusedRoom.with { room in
                let victim = room.viewers[0]
                let own = try #require(victim.ssrc(of: room.video))
                let recorded = victim.look { state in
                    state.subscriber.send(rtcp: [.pictureLossIndication(.init(senderSSRC: 1, mediaSSRC: own))])
                    return state.subscriber.latestReport
                }
                try await eventually("the first") { await room.bench.relay.metrics().plisReceived == 1 }
                try await room.flood(500) { _ in
                    victim.look { $0.subscriber.socket.send(recorded, to: room.relay) }
                }
                try await eventually("drops") { await room.bench.drops(.replay) >= 250 }
                #expect(await room.bench.relay.metrics().plisReceived == 1)
            }
        }
    }
}
