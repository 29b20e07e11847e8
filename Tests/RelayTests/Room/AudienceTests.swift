import Media
import Testing

@testable import Relay

extension LiveRelay {
    @Suite struct Audience {
        /// A room that is large with its third participant.
        private func withSmallRoster(_ body: (RelayBench) async throws -> Void) async throws {
            try await withRelay(configure: { $0.limits.roster = 2 }, body)
        }

        private func count(_ peer: TestPeer) -> Int? {
            peer.events.reversed().lazy.compactMap { event -> Int? in
                if case .room(let room) = event { room.participantCount } else { nil }
            }.first
        }

        @Test func `in a large room newcomers are a number, and those who came before stay known`() async throws {
            try await withSmallRoster { bench in
                let first = try await bench.join("first")
                let second = try await bench.join("second")
                let third = try await bench.join("third")
                let fourth = try await bench.join("fourth")
                try await eventually("the count") { count(first) == 4 }
                #expect(first.told(of: second.id) != nil)
                #expect(first.told(of: third.id) == nil)
                #expect(Set(fourth.joined.others.map(\.identity)) == ["first", "second"])
                await bench.relay.leave(third.id, reason: .clientInitiated)
                await bench.relay.leave(second.id, reason: .clientInitiated)
                try await eventually("the count") { count(first) == 2 }
                #expect(first.told(of: third.id) == nil)
                #expect(first.told(of: second.id)?.stage == .disconnected)
                #expect(fourth.told(of: second.id)?.stage == .disconnected)
            }
        }

        @Test func `who publishes in a large room is known to those who were there and those who come`() async throws {
            try await withSmallRoster { bench in
                let viewers = [try await bench.join("a"), try await bench.join("b")]
                let publisher = try await bench.join("publisher")
                let track = try await publisher.publish(.audio)
                try await eventually("the news") {
                    viewers.allSatisfy { $0.told(of: publisher.id)?.tracks.first?.id == track }
                }
                let late = try await bench.join("late")
                #expect(late.joined.others.contains { $0.identity == "publisher" })
                try await eventually("sound") { !late.packets(of: track).isEmpty }
            }
        }

        @Test func `who speaks in a large room is known from then on`() async throws {
            try await withSmallRoster { bench in
                let task = Data.passOn(bench.relay)
                let peers = try await Data.join(bench, ["a", "b", "c", "d"])
                #expect(peers[0].told(of: peers[3].id) == nil)
                Data.send("hello", from: peers[3])
                try await eventually("the message") { Data.texts(peers[0]) == ["hello"] }
                try await eventually("the sender") { peers[0].told(of: peers[3].id)?.identity == "d" }
                #expect(peers[0].told(of: peers[2].id) == nil)
                #expect(peers[3].joined.others.count == 2)
                task.cancel()
            }
        }

        @Test func `what somebody of the audience may do is told to them alone`() async throws {
            try await withSmallRoster { bench in
                let first = try await bench.join("first")
                _ = try await bench.join("second")
                let third = try await bench.join("third")
                try await bench.relay.permitData(["third": false, "first": false], in: "room")
                try await eventually("they know") {
                    third.told(of: third.id)?.permission.canPublishData == false
                        && [first, third].allSatisfy { $0.told(of: first.id)?.permission.canPublishData == false }
                }
                #expect(first.told(of: third.id) == nil)
            }
        }
    }
}
