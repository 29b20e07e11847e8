import Testing

@testable import GoLive

@Suite struct ChatStoreTests {
    private func message(_ id: String, of identity: String = "guest-1", _ text: String = "hi") -> ChatMessage {
        ChatMessage(id: id, identity: identity, userID: nil, name: "Guest", text: text, sentAt: 1000)
    }

    @Test(arguments: TestDatabase.allCases)
    func `messages come back newest first, page by page`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let host = try await store.addUser("host")
            try await store.addStream(of: host)
            let changes = (0..<7).map { ChatChange.add(message("m\($0)")) }
            #expect(try await store.apply(changes, hostID: host.id, at: 0) == changes.map { _ in true })
            var ids: [String] = []
            var before: Int64?
            while case let page = try await store.chatMessages(hostID: host.id, before: before, limit: 3), !page.isEmpty
            {
                #expect(page.count <= 3)
                ids += page.map(\.message.id)
                before = page.last?.number
            }
            #expect(ids == (0..<7).reversed().map { "m\($0)" })
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `an id is taken once in a host's chat`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let (host, other) = (try await store.addUser("host"), try await store.addUser("other"))
            #expect(try await store.apply([.add(message("m"))], hostID: host.id, at: 0) == [true])
            let twice = try await store.apply(
                [.add(message("m", of: "guest-2", "stolen")), .add(message("n"))], hostID: host.id, at: 0)
            #expect(twice == [false, true])
            #expect(try await store.apply([.add(message("m"))], hostID: other.id, at: 0) == [true])
            #expect(
                try await store.chatMessages(hostID: host.id, before: nil, limit: 9).map(\.message.text) == [
                    "hi", "hi",
                ])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `one changes and takes back one's own messages, the host takes back anyone's`(kind: TestDatabase) async throws
    {
        try await withStore(kind) { store in
            let host = try await store.addUser("host")
            let made = try await store.apply(
                [
                    .add(message("m")), .add(message("n")), .edit(id: "m", identity: "guest-1", text: "new"),
                    .edit(id: "m", identity: "guest-2", text: "forged"), .remove(id: "m", identity: "guest-2"),
                    .remove(id: "n", identity: "guest-1"), .edit(id: "n", identity: "guest-1", text: "late"),
                ], hostID: host.id, at: 5)
            #expect(made == [true, true, true, false, false, true, false])
            #expect(try await store.chatMessages(hostID: host.id, before: nil, limit: 9).map(\.message.text) == ["new"])
            #expect(try await store.deleteChatMessage("m", hostID: host.id, at: 6))
            #expect(try await store.deleteChatMessage("m", hostID: host.id, at: 7) == false)
            #expect(try await store.chatMessages(hostID: host.id, before: nil, limit: 9).isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a message belongs to the live session that is on`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let host = try await store.addUser("host")
            try await store.addStream(of: host, phase: .live)
            try await store.write {
                try $0.run("UPDATE streams SET live_session_id = 's1' WHERE user_id = ?1", [.text(host.id)])
            }
            _ = try await store.apply([.add(message("m"))], hostID: host.id, at: 0)
            let rows = try await store.read { try $0.run("SELECT session_id FROM chat_messages") }
            #expect(try rows.map { try $0.optionalText("session_id") } == ["s1"])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `pruning keeps the newest of each host`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let (host, other) = (try await store.addUser("host"), try await store.addUser("other"))
            for id in [host.id, other.id] {
                _ = try await store.apply((0..<10).map { .add(message("m\($0)")) }, hostID: id, at: 0)
            }
            try await store.pruneChat(hostID: host.id, keeping: 4)
            #expect(
                try await store.chatMessages(hostID: host.id, before: nil, limit: 99).map(\.message.id) == [
                    "m9", "m8", "m7", "m6",
                ])
            #expect(try await store.chatMessages(hostID: other.id, before: nil, limit: 99).count == 10)
            try await store.pruneChat(hostID: host.id, keeping: 4)
            #expect(try await store.chatMessages(hostID: host.id, before: nil, limit: 99).count == 4)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `timeouts are set, replaced, lifted and over in time, and there are only so many`(kind: TestDatabase)
        async throws
    {
        try await withStore(kind) { store in
            let host = try await store.addUser("host")
            try await store.addStream(of: host, chat: ChatSettings(slowModeSeconds: 3))
            func set(_ identity: String, _ until: Int64?, at now: Int64 = 0) async throws -> Bool {
                try await store.setChatTimeout(identity, hostID: host.id, until: until, limit: 2, at: now)
            }
            #expect(try await set("a", 100))
            #expect(try await set("a", 300))
            #expect(try await set("b", 200))
            #expect(try await set("c", 400) == false)
            #expect(try await store.chatTimeouts(hostID: host.id, at: 0).map(\.identity) == ["a", "b"])
            let room = try #require(try await store.chatRoom(of: host.id, at: 250))
            #expect(room.timeouts == ["a": 300])
            #expect(room.settings.slowModeSeconds == 3)
            #expect(try await set("c", 400, at: 250))
            #expect(try await set("a", nil))
            #expect(try await store.chatTimeouts(hostID: host.id, at: 0).map(\.identity) == ["c"])
            #expect(try await store.chatRoom(of: "nobody", at: 0) == nil)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `users are told from guests, followers from others, the blocked from all`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let host = try await store.addUser("host")
            let (fan, foe, other) = (
                try await store.addUser("fan"), try await store.addUser("foe"), try await store.addUser("other")
            )
            try await store.write {
                try $0.run("INSERT INTO follows VALUES (?1, ?2, 1)", [.text(fan.id), .text(host.id)])
                try $0.run("INSERT INTO blocks VALUES (?1, ?2, 1)", [.text(host.id), .text(foe.id)])
            }
            let people = try await store.chatUsers([fan.id, foe.id, other.id, "guest-1"], hostID: host.id)
            #expect(
                people == [
                    fan.id: .user(isFollowing: true, isBlocked: false),
                    foe.id: .user(isFollowing: false, isBlocked: true),
                    other.id: .user(isFollowing: false, isBlocked: false),
                ])
        }
    }
}
