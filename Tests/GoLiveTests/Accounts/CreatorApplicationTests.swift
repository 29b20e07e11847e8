import NIOHTTP1
import Testing

@testable import GoLive

@Suite struct CreatorApplicationTests {
    private static let path = "/api/creator/application"

    @Test(arguments: TestDatabase.allCases)
    func `who applies waits, is decided on, and may apply again when rejected`(kind: TestDatabase) async throws {
        try await withServer(kind, configure: { $0.approval = .manual }) { server in
            let admin = try await server.person("boss", role: .admin)
            let alice = try await server.person("alice")
            #expect(try await server.ask(.GET, Self.path, token: alice.token).code == "application_not_found")
            let sent = try await server.ask(.POST, Self.path, ["reason": "I sing"], token: alice.token)
            #expect(sent.status == 200 && sent.data["status"] == "pending" && sent.data["reason"] == "I sing")
            let twice = try await server.ask(.POST, Self.path, token: alice.token)
            #expect(twice.status == 409 && twice.code == "already_pending")

            let decide = "/api/admin/applications/\(alice.user.id)"
            #expect(try await server.ask(.POST, decide + "/reject", token: admin.token).data["status"] == "rejected")
            #expect(try await server.ask(.GET, Self.path, token: alice.token).data["status"] == "rejected")
            #expect(try await server.ask(.POST, Self.path, [:], token: alice.token).data["status"] == "pending")
            let approved = try await server.ask(.POST, decide + "/approve", token: admin.token)
            #expect(approved.data["status"] == "approved" && approved.data["user"]["creatorStatus"] == "approved")
            #expect(try await server.store.user(id: alice.user.id)?.creatorStatus == .approved)
            let more = try await server.ask(.POST, Self.path, token: alice.token)
            #expect(more.status == 409 && more.code == "already_approved")
        }
    }

    @Test func `where approval is automatic nobody waits`() async throws {
        try await withServer { server in
            let alice = try await server.person("alice")
            #expect(try await server.ask(.POST, Self.path, token: alice.token).data["status"] == "approved")
            #expect(try await server.store.user(id: alice.user.id)?.creatorStatus == .approved)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `of many applications at once one is taken`(kind: TestDatabase) async throws {
        try await withServer(kind, configure: { $0.approval = .manual }) { server in
            let alice = try await server.person("alice")
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 {
                    group.addTask { try await server.ask(.POST, Self.path, token: alice.token).status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [200, 409, 409, 409, 409, 409])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `administrators page through applications, oldest first`(kind: TestDatabase) async throws {
        try await withServer(kind, configure: { $0.approval = .manual }) { server in
            let admin = try await server.person("boss", role: .admin)
            for number in 0..<5 {
                let user = try await server.store.addUser("user\(number)")
                let application = CreatorApplication(
                    userID: user.id, reason: "", status: number == 2 ? .rejected : .pending,
                    createdAt: Int64(number / 2))
                try await server.store.write { try $0.put(application) }
            }
            var names: [String] = []
            var cursor = ""
            repeat {
                let query = "?status=pending&limit=2" + (cursor.isEmpty ? "" : "&cursor=\(cursor)")
                let page = try await server.ask(.GET, "/api/admin/applications" + query, token: admin.token)
                #expect(page.status == 200 && page.data["items"].array.count <= 2)
                names += page.data["items"].array.compactMap { $0["user"]["username"].string }
                cursor = page.data["nextCursor"].string ?? ""
            } while !cursor.isEmpty
            #expect(Set(names.prefix(2)) == ["user0", "user1"] && names.dropFirst(2) == ["user3", "user4"])
            let all = try await server.ask(.GET, "/api/admin/applications", token: admin.token)
            #expect(all.data["items"].array.count == 5)
            let wrong = try await server.ask(.GET, "/api/admin/applications?status=maybe", token: admin.token)
            #expect(wrong.status == 400 && wrong.code == "invalid_query")
        }
    }

    @Test func `only administrators decide, and only on what there is`() async throws {
        try await withServer { server in
            let admin = try await server.person("boss", role: .admin)
            let alice = try await server.person("alice")
            for id in [alice.user.id, "nobody"] {
                let answer = try await server.ask(.POST, "/api/admin/applications/\(id)/approve", token: admin.token)
                #expect(answer.status == 404 && answer.code == "application_not_found")
            }
            #expect(try await server.store.user(id: alice.user.id)?.creatorStatus == User.CreatorStatus.none)
            let refused = try await server.ask(
                .POST, "/api/admin/applications/\(alice.user.id)/approve", token: alice.token)
            #expect(refused.status == 403 && refused.code == "not_admin")
            #expect(try await server.ask(.GET, "/api/admin/applications").status == 401)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `approving and promoting by name need no application`(kind: TestDatabase) async throws {
        try await withServer(kind, configure: { $0.approval = .manual }) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            _ = try await server.ask(.POST, Self.path, token: bob.token)
            let accounts = server.server.application.accounts
            try await accounts.approve("Alice")
            try await accounts.approve("bob")
            try await accounts.promote("bob")
            #expect(try await server.ask(.GET, Self.path, token: alice.token).data["status"] == "approved")
            #expect(try await server.ask(.GET, Self.path, token: bob.token).data["status"] == "approved")
            #expect(try await server.store.user(username: "bob")?.role == .admin)
            await #expect(throws: APIError.userNotFound) { try await accounts.approve("nobody") }
            await #expect(throws: APIError.userNotFound) { try await accounts.promote("nobody") }
        }
    }
}
