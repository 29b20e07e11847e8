import Media
import Testing

@testable import Relay

extension LiveRelay {
    @Suite struct Data {
        /// Passes on what participants send who may, as signalling would.
        static func passOn(_ relay: Relay, to recipients: DataRecipients = .everyone) -> Task<Void, Never> {
            Task {
                for await message in relay.dataMessages where message.sender.permission.canPublishData {
                    try? await relay.deliver(
                        message.payload, kind: message.kind, room: message.room, to: recipients,
                        from: message.sender.id)
                }
            }
        }

        /// Peers with both connections up; the data channels' sections come with the first offer and any answer.
        static func join(_ bench: RelayBench, _ names: [String], permission: Permission = .everything) async throws
            -> [TestPeer]
        {
            var peers: [TestPeer] = []
            for name in names {
                let peer = try await bench.join(name, permission: permission)
                try await peer.offer()
                peers.append(peer)
            }
            for peer in peers {
                try await eventually("the data channels of \(peer.identity)") {
                    peer.look {
                        $0.publisher.channels.count == 2
                            && $0.subscriber.channels == ["_reliable", "_lossy"]
                    }
                }
            }
            return peers
        }

        static func send(_ text: String, from peer: TestPeer, label: String = "_reliable") {
            #expect(peer.look { $0.publisher.send(message: Array(text.utf8), label: label, now: Clock.now()) })
        }

        static func texts(_ peer: TestPeer, _ label: String = "_reliable") -> [String] {
            peer.messages.filter { $0.label == label }.map { String(decoding: $0.bytes, as: UTF8.self) }
        }

        @Test(arguments: ["_reliable", "_lossy"])
        func `a message reaches everyone but its sender on the channel it came by`(label: String) async throws {
            try await withRelay { bench in
                let task = Self.passOn(bench.relay)
                let peers = try await Self.join(bench, ["a", "b", "c"])
                Self.send("hello", from: peers[0], label: label)
                try await eventually("the message") {
                    Self.texts(peers[1], label) == ["hello"] && Self.texts(peers[2], label) == ["hello"]
                }
                #expect(peers[0].messages.isEmpty)
                task.cancel()
            }
        }

        @Test func `a message over the limit is counted and lost alone`() async throws {
            try await withRelay(configure: { $0.limits.data.messageSize = 1000 }) { bench in
                let task = Self.passOn(bench.relay)
                let peers = try await Self.join(bench, ["a", "b"])
                Self.send(String(repeating: "x", count: 1001), from: peers[0])
                Self.send(String(repeating: "y", count: 1000), from: peers[0])
                try await eventually("what is no longer than allowed") { !peers[1].messages.isEmpty }
                #expect(Self.texts(peers[1]) == [String(repeating: "y", count: 1000)])
                #expect(await bench.drops(.dataLimit) == 1)
                task.cancel()
            }
        }

        @Test func `a message to named identities reaches only them`() async throws {
            try await withRelay { bench in
                let task = Self.passOn(bench.relay, to: .identities(["b"]))
                let peers = try await Self.join(bench, ["a", "b", "c"])
                Self.send("for b", from: peers[0])
                try await eventually("the message") { Self.texts(peers[1]) == ["for b"] }
                try await bench.relay.deliver(
                    Array("all".utf8), kind: .reliable, room: "room", to: .everyone, from: nil)
                try await eventually("the server's message") { peers.allSatisfy { Self.texts($0).last == "all" } }
                #expect(Self.texts(peers[2]) == ["all"])
                #expect(Self.texts(peers[0]) == ["all"])
                task.cancel()
            }
        }

        @Test func `reliable messages arrive in order, also large ones`() async throws {
            try await withRelay { bench in
                let task = Self.passOn(bench.relay)
                let peers = try await Self.join(bench, ["a", "b"])
                let texts = (0..<20).map { "\($0) " + String(repeating: "x", count: 20_000) }
                for text in texts { Self.send(text, from: peers[0]) }
                try await eventually("all messages") { Self.texts(peers[1]) == texts }
                task.cancel()
            }
        }

        @Test func `data of those who may not publish any says so, for the router to refuse`() async throws {
            try await withRelay { bench in
                let task = Self.passOn(bench.relay)
                let mute = try await Self.join(
                    bench, ["mute"], permission: Permission(canSubscribe: true, canPublish: true))
                let others = try await Self.join(bench, ["a", "b"])
                Self.send("unheard", from: mute[0])
                // Acknowledged: from here on the relay has it.
                try await eventually("the silent one's message reached the relay") {
                    mute[0].look { $0.publisher.isDelivered }
                }
                Self.send("heard", from: others[0])
                try await eventually("the message") { Self.texts(others[1]) == ["heard"] }
                #expect(Self.texts(others[0]).isEmpty)
                task.cancel()
            }
        }

        @Test func `a reliable message to one who has joined arrives once they are connected`() async throws {
            try await withRelay { bench in
                let peer = try await bench.join("early")
                let texts = (0..<10).map { "before the first check \($0)" }
                for text in texts {
                    try await bench.relay.deliver(
                        Array(text.utf8), kind: .reliable, room: "room", to: .everyone, from: nil)
                }
                try await eventually("all messages in order") { Self.texts(peer) == texts }
            }
        }

        @Test func `messages beyond the allowance are dropped and counted`() async throws {
            try await withRelay(configure: { $0.limits.data.messagesPerSecond = 5 }) { bench in
                let task = Self.passOn(bench.relay)
                let peers = try await Self.join(bench, ["a", "b"])
                for index in 0..<40 { Self.send("\(index)", from: peers[0]) }
                try await eventually("drops") { await bench.drops(.dataLimit) >= 25 }
                #expect(Self.texts(peers[1]).count <= 15)
                task.cancel()
            }
        }

        @Test func `a message that is too large is refused`() async throws {
            try await withRelay { bench in
                _ = try await Self.join(bench, ["a"])
                await #expect(throws: RelayError.limitReached("data messages of 65536 bytes")) {
                    try await bench.relay.deliver(
                        [UInt8](repeating: 0, count: 65_537), kind: .reliable, room: "room", to: .everyone, from: nil)
                }
            }
        }
    }
}
