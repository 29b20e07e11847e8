import NIOHTTP1
import Testing

@testable import GoLive

@Suite struct SessionTests {
    @Test(arguments: TestDatabase.allCases)
    func `a user has at most so many sessions, and the oldest go`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let user = try await store.addUser("alice")
            let other = try await store.addUser("bob")
            for number in 0..<5 {
                for (name, owner) in [("a\(number)", user), ("b\(number)", other)] {
                    try await store.write {
                        try $0.insertSession(
                            tokenHash: SessionToken.hash(name), userID: owner.id, createdAt: Int64(number),
                            expiresAt: 1000, limit: owner == user ? 3 : 50)
                    }
                }
            }
            let kept = try await store.read { try $0.sessions(of: user.id, at: 0) }
            #expect(kept.map(\.createdAt) == [4, 3, 2])
            #expect(kept.first?.id == Session.id(ofHash: SessionToken.hash("a4")))
            #expect(try await store.read { try $0.sessions(of: other.id, at: 0) }.count == 5)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a session is good until it expires, and is then swept`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let user = try await store.addUser("alice")
            let hash = SessionToken.hash("token")
            try await store.write { connection in
                try connection.insertSession(tokenHash: hash, userID: user.id, createdAt: 0, expiresAt: 100)
            }
            #expect(try await store.read { try $0.user(ofSession: hash, at: 99) } == user)
            #expect(try await store.read { try $0.user(ofSession: hash, at: 100) } == nil)
            #expect(try await store.read { try $0.sessions(of: user.id, at: 100) }.isEmpty)
            #expect(try await store.write { try $0.deleteExpiredSessions(at: 99) } == 0)
            #expect(try await store.write { try $0.deleteExpiredSessions(at: 100) } == 1)
            #expect(try await store.read { try $0.user(ofSession: hash, at: 0) } == nil)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a new password ends every session of that user and nobody else's`(kind: TestDatabase) async throws {
        try await withServer(kind) { server in
            let alice = try await server.register("alice", password: "a good password").data["token"].string
            let bob = try await server.person("bob")
            try await server.server.application.accounts.setPassword("a better password", of: "ALICE")
            #expect(try await server.ask(.GET, "/api/auth/me", token: alice).status == 401)
            #expect(try await server.ask(.GET, "/api/auth/me", token: bob.token).status == 200)
            #expect(try await server.login("alice", password: "a good password").status == 401)
            #expect(try await server.login("alice", password: "a better password").status == 200)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `who changes their password stays signed in here, and nowhere else`(kind: TestDatabase) async throws {
        try await withServer(kind) { server in
            let here = try await server.register("alice", password: "a good password").data["token"].string
            let there = try await server.login("alice", password: "a good password").data["token"].string
            let bob = try await server.person("bob")
            func change(_ current: String, _ new: String, _ token: String?) async throws -> TestServer.Answer {
                try await server.ask(
                    .PUT, "/api/auth/password",
                    ["currentPassword": .string(current), "newPassword": .string(new)], token: token)
            }
            let wrong = try await change("a bad password", "a better password", here)
            #expect(wrong.status == 401 && wrong.code == "invalid_credentials")
            #expect(wrong.json["error"]["details"]["currentPassword"] == "is wrong")
            for weak in ["short", "password", "ALICE"] {
                let answer = try await change("a good password", weak, here)
                #expect(answer.status == 400 && answer.code == "weak_password")
                #expect(answer.json["error"]["details"]["newPassword"] != .null)
            }
            #expect(try await change("a good password", "a better password", nil).code == "unauthenticated")
            #expect(try await server.ask(.GET, "/api/auth/me", token: there).status == 200)

            #expect(try await change("a good password", "a better password", here).status == 200)
            #expect(try await server.ask(.GET, "/api/auth/me", token: here).status == 200)
            #expect(try await server.ask(.GET, "/api/auth/me", token: there).status == 401)
            #expect(try await server.ask(.GET, "/api/auth/me", token: bob.token).status == 200)
            #expect(try await server.login("alice", password: "a good password").status == 401)
            #expect(try await server.login("alice", password: "a better password").status == 200)
            // Who signs in elsewhere has none that could be right.
            #expect(try await change("", "a better password", bob.token).status == 400)
            #expect(try await change("anything", "a better password", bob.token).code == "invalid_credentials")
        }
    }

    @Test func `guesses at a password come out of one allowance, whether by signing in or by changing it`() async throws
    {
        try await withServer { server in
            let guessing = server.server.application.routes.filter {
                ["/api/auth/login", "/api/auth/password"].contains($0.path)
            }
            #expect(guessing.count == 2)
            #expect(guessing.allSatisfy { $0.rate?.name == RateLimiter.Rule.login.name })
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `sessions are listed to their owner and ended one by one`(kind: TestDatabase) async throws {
        try await withServer(kind) { server in
            let first = try await server.register("alice", password: "a good password").data["token"].string
            let second = try await server.login("alice", password: "a good password").data["token"].string
            let bob = try await server.person("bob")
            let list = try await server.ask(.GET, "/api/auth/sessions", token: second).data.array
            #expect(list.count == 2 && list.filter { $0["isCurrent"] == true }.count == 1)
            let old = try #require(list.first { $0["isCurrent"] == false }?["id"].string)
            #expect(SessionToken.hash(first ?? "").hasPrefix(old))
            let foreign = try await server.ask(.DELETE, "/api/auth/sessions/\(old)", token: bob.token)
            #expect(foreign.status == 404 && foreign.code == "session_not_found")
            #expect(try await server.ask(.DELETE, "/api/auth/sessions/\(old)", token: second).status == 200)
            #expect(try await server.ask(.GET, "/api/auth/me", token: first).status == 401)
            #expect(try await server.ask(.GET, "/api/auth/me", token: second).status == 200)
            #expect(try await server.ask(.DELETE, "/api/auth/sessions/\(old)", token: second).status == 404)
        }
    }

    @Test func `the sweep ends when it is cancelled`() async throws {
        try await withServer { server in
            let task = Task { await server.server.application.accounts.run() }
            task.cancel()
            await task.value
        }
    }
}
