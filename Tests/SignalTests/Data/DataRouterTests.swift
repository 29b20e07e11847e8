import Foundation
import LiveKitProtocol
import SwiftProtobuf
import Synchronization
import Testing

@testable import Relay
@testable import Signal

/// What a router passed on, and what a judge was asked.
private final class Bench: Sendable {
    struct Delivery {
        var packet: LiveKit_DataPacket
        var room: String
        var recipients: DataRecipients
        var sender: ParticipantID?

        /// Of the server's notices.
        var notice: [String: String]? {
            guard sender == nil, packet.user.topic == "golive.chat" else { return nil }
            let json = try? JSONSerialization.jsonObject(with: packet.user.payload) as? [String: Any]
            return json?.mapValues { "\($0)" }
        }
    }

    private struct State {
        var deliveries: [Delivery] = []
        var asked: [[RoomSubmission]] = []
        var released: [ChatSubmission] = []
    }

    private let state = Mutex(State())
    let lanes = DataLanes()
    let messages: AsyncStream<DataMessage>
    private let inbox: AsyncStream<DataMessage>.Continuation

    init() {
        (messages, inbox) = AsyncStream.makeStream(of: DataMessage.self)
    }

    var deliveries: [Delivery] { state.withLock { $0.deliveries } }
    var asked: [[RoomSubmission]] { state.withLock { $0.asked } }
    var released: [ChatSubmission] { state.withLock { $0.released } }

    func send(
        _ packets: [LiveKit_DataPacket], room: String = "studio", from sender: ParticipantState = Sample.participant()
    ) throws {
        for packet in packets { inbox.yield(try ChatPackets.message(packet, room: room, from: sender)) }
    }

    /// Governs every room but those that are called plain; judges texts by `verdict`.
    func judge(
        release: @escaping @Sendable (ChatSubmission) -> RoomVerdict = { _ in .deliver },
        _ verdict: @escaping @Sendable (RoomSubmission) async -> RoomVerdict
    ) -> RoomJudge {
        RoomJudge(
            governs: { !$0.hasPrefix("plain") },
            judge: { [self] _, submissions in
                state.withLock { $0.asked.append(submissions) }
                var verdicts: [RoomVerdict] = []
                for submission in submissions { verdicts.append(await verdict(submission)) }
                return verdicts
            },
            release: { [self] _, submissions in
                state.withLock { $0.released += submissions }
                return submissions.map(release)
            })
    }

    func run(_ judge: RoomJudge?, _ body: () async throws -> Void) async throws {
        let router = DataRouter(messages: messages, judge: judge, counters: SignalCounters(), lanes: lanes) {
            [self] (payload, _, room, recipients, sender) async throws(RelayError) in
            guard let packet = try? LiveKit_DataPacket(serializedBytes: payload) else { return }
            state.withLock {
                $0.deliveries.append(Delivery(packet: packet, room: room, recipients: recipients, sender: sender))
            }
        }
        let running = Task { await router.run() }
        defer { running.cancel() }
        try await body()
    }

    func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
        for _ in 0..<4000 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("not in time: \(what)")
    }
}

@Suite struct DataRouterTests {
    private typealias Packets = ChatPackets

    private func text(_ submission: RoomSubmission) -> String? {
        if case .chat(let chat) = submission { chat.text } else { nil }
    }

    @Test func `a text stream is judged once, whole, and then passed on as it came`() async throws {
        let bench = Bench()
        try await bench.run(bench.judge { _ in .deliver }) {
            try bench.send(Packets.stream("s", "hello"))
            try await bench.eventually("three packets") { bench.deliveries.count == 3 }
            #expect(bench.asked.flatMap(\.self).map(text) == ["hello"])
            #expect(bench.deliveries.map(\.packet.participantIdentity) == ["alice", "alice", "alice"])
            #expect(bench.deliveries[1].packet.streamChunk.content == Data("hello".utf8))
            #expect(bench.deliveries.allSatisfy { $0.sender == ParticipantID("PA_alice") })
        }
    }

    @Test func `nothing of a refused message reaches anyone, and its sender alone is told why`() async throws {
        let bench = Bench()
        let refusal = ChatRefusal(code: "slow_mode", message: "Wait.", retryAfter: 7)
        try await bench.run(bench.judge { text($0) == "bad" ? .refuse(refusal) : .deliver }) {
            try bench.send(
                Packets.stream("s", "bad") + [
                    .with {
                        $0.chatMessage.id = "c"; $0.chatMessage.message = "good"
                    }
                ])
            try await bench.eventually("the good one") { bench.deliveries.contains { $0.packet.chatMessage.id == "c" } }
            #expect(bench.deliveries.count == 2)
            let notice = try #require(bench.deliveries[0].notice)
            #expect(
                notice == ["type": "refused", "id": "s", "code": "slow_mode", "message": "Wait.", "retryAfter": "7"])
            #expect(bench.deliveries[0].recipients == .identities(["alice"]))
        }
    }

    @Test func `every form of chat is read`() async throws {
        let bench = Bench()
        try await bench.run(bench.judge { _ in .deliver }) {
            try bench.send([
                .with {
                    $0.chatMessage.id = "a"
                    $0.chatMessage.message = "one"
                },
                .with {
                    $0.chatMessage.id = "a"
                    $0.chatMessage.message = "two"
                    $0.chatMessage.editTimestamp = 1
                },
                .with {
                    $0.chatMessage.id = "a"
                    $0.chatMessage.deleted = true
                },
                Packets.legacy("b", "three"), Packets.legacy("b", "four", topic: "lk-chat-update-topic"),
            ])
            try await bench.eventually("all") { bench.deliveries.count == 5 }
            let chats: [ChatSubmission] = bench.asked.flatMap(\.self).compactMap {
                if case .chat(let chat) = $0 { chat } else { nil }
            }
            #expect(chats.map(\.intent) == [.message, .edit, .deletion, .message, .edit])
            #expect(chats.map(\.text) == ["one", "two", "", "three", "four"])
            #expect(chats.map(\.form) == [.chatMessage, .chatMessage, .chatMessage, .userPacket, .userPacket])
        }
    }

    @Test func `participants do not speak on the server's topics, nor say what cannot be read`() async throws {
        let bench = Bench()
        try await bench.run(bench.judge { _ in .deliver }) {
            try bench.send([
                .with { $0.user.topic = "golive.chat" }, Packets.header("s", topic: "golive.x"),
                .with {
                    $0.user.topic = "lk-chat-topic"
                    $0.user.payload = Data("no json".utf8)
                }, .with { $0.chatMessage.message = "no id" },
                .with {
                    $0.chatMessage.id = String(repeating: "x", count: 129)
                    $0.chatMessage.message = "long id"
                }, .with { $0.user.topic = "mine" },
            ])
            try await bench.eventually("the last") { bench.deliveries.contains { $0.packet.user.topic == "mine" } }
            #expect(bench.deliveries.count == 1)
        }
    }

    @Test func `in a plain room everything is as LiveKit has it`() async throws {
        let bench = Bench()
        let mute = Sample.participant("mute", permission: Permission(canSubscribe: true))
        try await bench.run(bench.judge { _ in .drop }) {
            try bench.send([Packets.legacy("b", "no")], room: "plain", from: mute)
            try bench.send(
                Packets.stream("s", "hello") + [.with { $0.user.topic = "golive.chat" }], room: "plain")
            try await bench.eventually("all") { bench.deliveries.count == 4 }
            #expect(bench.asked.isEmpty)
            #expect(bench.deliveries.map(\.packet.participantIdentity).allSatisfy { $0 == "alice" })
        }
    }

    @Test func `who may not send data is judged in a governed room, to be told why`() async throws {
        let bench = Bench()
        let mute = Sample.participant("mute", permission: Permission(canSubscribe: true))
        try await bench.run(bench.judge { _ in .refuse(ChatRefusal(code: "timed_out", message: "Later.")) }) {
            try bench.send([Packets.legacy("b", "hello")], from: mute)
            try await bench.eventually("a word") { bench.deliveries.first?.notice?["code"] == "timed_out" }
        }
    }

    @Test func `a judgement that takes for ever keeps no other room waiting`() async throws {
        let bench = Bench()
        let judge = bench.judge { submission in
            if case .chat(let chat) = submission, chat.room == "slow" {
                while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(20)) }
            }
            return .deliver
        }
        try await bench.run(judge) {
            try bench.send([Packets.legacy("a", "stuck")], room: "slow")
            for room in 0..<20 { try bench.send([Packets.legacy("b", "quick")], room: "room \(room)") }
            try bench.send([Packets.legacy("c", "quick")], room: "plain")
            try await bench.eventually("the others") { bench.deliveries.count == 21 }
            #expect(!bench.deliveries.contains { $0.room == "slow" })
            try await bench.eventually("only the slow lane") { await bench.lanes.openLanes == 1 }
        }
    }

    @Test func `messages of a room keep their order, however they are batched`() async throws {
        let bench = Bench()
        try await bench.run(bench.judge { _ in .deliver }) {
            try bench.send((0..<300).map { Packets.legacy("m\($0)", "x") })
            try await bench.eventually("all") { bench.deliveries.count == 300 }
            let ids = bench.asked.flatMap(\.self).compactMap { if case .chat(let chat) = $0 { chat.id } else { nil } }
            #expect(ids == (0..<300).map { "m\($0)" })
            #expect(bench.asked.allSatisfy { $0.count <= DataLanes.Limits().batch })
        }
    }

    @Test func `held messages are told of, asked about once more, and then passed on in order`() async throws {
        let bench = Bench()
        let judge = bench.judge(release: { $0.text == "gone" ? .drop : .deliver }) { submission in
            text(submission) == "last" ? .hold(.zero) : .hold(.milliseconds(150))
        }
        try await bench.run(judge) {
            try bench.send(["first", "gone", "last"].map { Packets.legacy($0, $0) })
            try await bench.eventually("both") { bench.deliveries.count { $0.notice == nil } == 2 }
            #expect(bench.deliveries.compactMap(\.notice).map { $0["delay"] } == ["150", "150", "0"])
            #expect(bench.released.map(\.text) == ["first", "gone", "last"])
            try await bench.eventually("no lane") { await bench.lanes.openLanes == 0 }
        }
    }

    @Test func `a deletion is told in the server's words and in LiveKit's`() throws {
        let packets = try ServerNotice.deleted(id: "x").packets.map { try LiveKit_DataPacket(serializedBytes: $0) }
        #expect(packets.count == 2)
        #expect(packets[0].user.topic == "golive.chat")
        #expect(
            packets[0].user.payload == Data(#"{"type":"deleted","id":"x"}"#.utf8)
                || packets[0].user.payload == Data(#"{"id":"x","type":"deleted"}"#.utf8))
        #expect(packets[1].chatMessage.id == "x" && packets[1].chatMessage.deleted)
    }
}
