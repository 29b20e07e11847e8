import AsyncHTTPClient
import NIOHTTP1
import Testing

@testable import GoLive

/// Accounts over HTTP.
@Suite struct AccountTests {
    @Test(arguments: TestDatabase.allCases)
    func `who registers is signed in, and signs in again with the same password`(kind: TestDatabase) async throws {
        try await withServer(kind) { server in
            let registered = try await server.register("Alice", password: "a good password", displayName: " Alice L. ")
            #expect(registered.status == 201)
            let user = registered.data["user"]
            #expect(user["username"] == "Alice" && user["displayName"] == "Alice L." && user["bio"] == "")
            let token = try #require(registered.data["token"].string)
            #expect(try await server.ask(.GET, "/api/auth/me", token: token).data == user)

            let again = try await server.login("aLICE", password: "a good password")
            #expect(again.status == 200 && again.data["user"] == user)
            #expect(again.data["token"] != registered.data["token"])
            let wrong = try await server.login("alice", password: "a bad password")
            #expect(wrong.status == 401 && wrong.code == "invalid_credentials")
            let unknown = try await server.login("nobody", password: "a bad password")
            #expect(unknown.status == 401 && unknown.json == wrong.json)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `the first of many who register at once is the one administrator`(kind: TestDatabase) async throws {
        try await withServer(kind) { server in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<6 {
                    group.addTask { try await server.register("user\(index)", password: "a good password").status }
                }
                for try await status in group { #expect(status == 201) }
            }
            let users = try await server.store.read { try $0.users(limit: 10) }
            #expect(users.count == 6)
            #expect(users.filter { $0.role == .admin }.count == 1)
            #expect(users.filter { $0.creatorStatus == .approved } == users.filter { $0.role == .admin })
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `of many who want one name at once, one has it`(kind: TestDatabase) async throws {
        try await withServer(kind) { server in
            let statuses = try await withThrowingTaskGroup(of: TestServer.Answer.self) { group in
                for name in ["Same", "same", "SAME", "sAme"] {
                    group.addTask { try await server.register(name, password: "a good password") }
                }
                return try await group.reduce(into: [TestServer.Answer]()) { $0.append($1) }
            }
            #expect(statuses.filter { $0.status == 201 }.count == 1)
            #expect(statuses.filter { $0.status == 409 && $0.code == "username_taken" }.count == 3)
        }
    }

    @Test func `nobody is first where the settings do not say so`() async throws {
        try await withServer(configure: { $0.firstUserIsAdmin = false }) { server in
            let user = try await server.register("alice", password: "a good password").data["user"]
            #expect(user["role"] == "user" && user["creatorStatus"] == "none")
        }
    }

    @Test func `what is wrong with a registration is said`() async throws {
        try await withServer { server in
            let cases: [(String, String, String)] = [
                ("al", "a good password", "invalid_username"), ("admin", "a good password", "invalid_username"),
                ("alice", "short", "weak_password"), ("alicealice", "AliceAlice", "weak_password"),
                ("alice", "iloveyou", "weak_password"), ("_x_", "x", "invalid_username"),
            ]
            for (name, password, code) in cases {
                let answer = try await server.register(name, password: password)
                #expect(answer.status == 400 && answer.code == code)
                #expect(!String(decoding: answer.bytes, as: UTF8.self).contains(password) || password.count < 2)
            }
            let empty = try await server.ask(.POST, "/api/auth/register", [:])
            #expect(empty.status == 400 && empty.json["error"]["details"]["password"] == "is required")
        }
    }

    @Test func `the cookie signs in, and is out of scripts' and other sites' reach`() async throws {
        try await withServer { server in
            let answer = try await server.register("alice", password: "a good password")
            let cookie = try #require(answer.headers.first(name: "set-cookie"))
            let token = try #require(answer.data["token"].string)
            #expect(cookie.hasPrefix("golive_session=\(token);"))
            for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
                #expect(cookie.contains(attribute))
            }
            #expect(!cookie.contains("Secure"))
            let me = try await server.ask(.GET, "/api/auth/me", headers: [("cookie", "golive_session=\(token)")])
            #expect(me.status == 200)
        }
    }

    @Test func `the cookie is kept to TLS when a trusted proxy says so, and only then`() async throws {
        for (proxies, isSecure) in [(["127.0.0.1"], true), ([], false)] {
            try await withServer(configure: { $0.trustedProxies = proxies }) { server in
                let answer = try await server.register(
                    "alice", password: "a good password", headers: [("x-forwarded-proto", "https")])
                let cookie = try #require(answer.headers.first(name: "set-cookie"))
                #expect(cookie.contains("Secure") == isSecure)
            }
        }
    }

    @Test func `signing out ends this session, clears the cookie and leaves the others`() async throws {
        try await withServer { server in
            let first = try await server.register("alice", password: "a good password").data["token"].string
            let second = try await server.login("alice", password: "a good password").data["token"].string
            let out = try await server.ask(.POST, "/api/auth/logout", token: first)
            #expect(out.status == 200 && out.json["message"] == "Signed out")
            #expect(out.headers.first(name: "set-cookie")?.contains("Max-Age=0") == true)
            #expect(try await server.ask(.GET, "/api/auth/me", token: first).code == "unauthenticated")
            #expect(try await server.ask(.GET, "/api/auth/me", token: second).status == 200)
            #expect(try await server.ask(.POST, "/api/auth/logout").status == 401)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a profile changes in what is sent and in nothing else`(kind: TestDatabase) async throws {
        try await withServer(kind) { server in
            let alice = try await server.person("alice")
            let all = try await server.ask(
                .PUT, "/api/auth/me",
                ["displayName": "Alice", "bio": "line\nline", "imageUrl": "https://example.org/a.png"],
                token: alice.token)
            #expect(all.data["displayName"] == "Alice" && all.data["bio"] == "line\nline")
            #expect(all.data["imageUrl"] == "https://example.org/a.png")
            let one = try await server.ask(.PUT, "/api/auth/me", ["bio": ""], token: alice.token)
            #expect(one.data["displayName"] == "Alice" && one.data["bio"] == "")
            let cleared = try await server.ask(.PUT, "/api/auth/me", ["imageUrl": .null], token: alice.token)
            #expect(cleared.data["imageUrl"] == .null && cleared.data["displayName"] == "Alice")
            #expect(try await server.ask(.GET, "/api/auth/me", token: alice.token).data == cleared.data)
            let bad: [JSONValue] = [
                ["displayName": ""], ["displayName": .string(String(repeating: "x", count: 65))],
                ["bio": .string(String(repeating: "x", count: 501))], ["imageUrl": "javascript:alert(1)"],
            ]
            for body in bad {
                #expect(try await server.ask(.PUT, "/api/auth/me", body, token: alice.token).status == 400)
            }
        }
    }
}

extension TestServer {
    func register(
        _ username: String, password: String, displayName: String? = nil, headers: [(String, String)] = []
    ) async throws -> Answer {
        var body: [String: JSONValue] = ["username": .string(username), "password": .string(password)]
        if let displayName { body["displayName"] = .string(displayName) }
        return try await ask(.POST, "/api/auth/register", .object(body), headers: headers)
    }

    func login(_ username: String, password: String) async throws -> Answer {
        try await ask(
            .POST, "/api/auth/login", ["username": .string(username), "password": .string(password)])
    }
}
