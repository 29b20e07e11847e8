import Foundation
import Logging
import Synchronization
import Testing

@testable import GoLive
@testable import Relay
@testable import Signal

/// A host with a stream, a relay without media, and a moderator that follows it.
struct ChatBench: Sendable {
    let store: Store
    let relay: Relay
    let moderator: ChatModerator
    let host: User
    let events: AsyncStream<RelayEvent>.Continuation

    /// The relay says that somebody's media is up, as it does once it is.
    func arrive(_ seat: ChatSeat) async throws {
        let room = try #require(await relay.rooms(named: [host.id]).first)
        events.yield(.participantJoined(room, try await seat.state))
    }

    func join(_ identity: String, name: String = "", mayChat: Bool = true) async throws -> ChatSeat {
        let joined = try await relay.join(
            JoinRequest(
                room: host.id, identity: identity, name: name,
                permission: Permission(canSubscribe: true, canPublishData: mayChat)))
        return ChatSeat(bench: self, joined: joined)
    }

    func history() async throws -> [String] {
        try await store.chatMessages(hostID: host.id, before: nil, limit: 100).map(\.message.text)
    }

    func follow(_ user: User) async throws {
        try await store.write { [host] in
            try $0.run("INSERT INTO follows VALUES (?1, ?2, 1)", [.text(user.id), .text(host.id)])
        }
    }
}

/// Somebody in the host's room.
final class ChatSeat: Sendable {
    let bench: ChatBench
    let joined: Joined
    private let updates = Mutex<[ParticipantState]>([])

    init(bench: ChatBench, joined: Joined) {
        self.bench = bench
        self.joined = joined
        Task { [self] in
            for await case .participants(let states) in joined.events { updates.withLock { $0 += states } }
        }
    }

    var identity: String { joined.participant.identity }

    /// What the participant was last told of their own right to chat; nil: nothing.
    var isAllowed: Bool? {
        updates.withLock { $0.last { $0.identity == identity }?.permission.canPublishData }
    }

    /// Every change of that right that the participant was told.
    var changes: [Bool] {
        updates.withLock { $0.filter { $0.identity == identity }.map(\.permission.canPublishData) }
            .reduce(into: []) { changes, right in if changes.last != right { changes.append(right) } }
    }

    var state: ParticipantState {
        get async throws { try await bench.relay.participant(identity, in: bench.host.id) }
    }

    func submission(
        _ text: String, id: String = UUID().uuidString, intent: ChatSubmission.Intent = .message,
        form: ChatSubmission.Form = .textStream, isPrivate: Bool = false
    ) async throws -> ChatSubmission {
        ChatSubmission(
            id: id, text: text, intent: intent, form: form, isPrivate: isPrivate, timestamp: 0, room: bench.host.id,
            sender: try await state)
    }

    /// Says something and returns the verdict.
    func say(
        _ text: String, id: String = UUID().uuidString, intent: ChatSubmission.Intent = .message,
        form: ChatSubmission.Form = .textStream, isPrivate: Bool = false
    ) async throws -> RoomVerdict {
        let chat = try await submission(text, id: id, intent: intent, form: form, isPrivate: isPrivate)
        return try #require(await bench.moderator.judge(bench.host.id, [.chat(chat)]).first)
    }
}

extension RoomVerdict {
    /// Of a refusal.
    var code: String? { if case .refuse(let refusal) = self { refusal.code } else { nil } }
}

func withChat(
    _ kind: TestDatabase = .sqlite, chat: ChatSettings = ChatSettings(),
    configure: (inout ApplicationSettings) -> Void = { _ in },
    _ body: @escaping @Sendable (ChatBench) async throws -> Void
) async throws {
    var settings = ApplicationSettings()
    configure(&settings)
    let relay = try Relay(configuration: RelayConfiguration(udpPort: 0, workers: 1))
    try await withStore(kind) { [settings] store in
        let host = try await store.addUser("host", creator: .approved)
        try await store.addStream(of: host, phase: .live, chat: chat)
        let moderator = ChatModerator(
            store: store, relay: relay, settings: settings,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let (events, continuation) = AsyncStream.makeStream(of: RelayEvent.self)
        let running = Task { await moderator.run(events) }
        do {
            try await body(
                ChatBench(store: store, relay: relay, moderator: moderator, host: host, events: continuation))
        } catch {
            continuation.finish()
            await relay.shutdown()
            await running.value
            throw error
        }
        continuation.finish()
        await relay.shutdown()
        await running.value
    }
}

func chatEventually(_ what: String, _ condition: () async throws -> Bool) async throws {
    for _ in 0..<4000 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("not in time: \(what)")
}
