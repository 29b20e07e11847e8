import Foundation
import NIOHTTP1
import Testing

@testable import GoLive

/// What is the same for all calls: bodies, envelopes, addresses and methods.
@Suite struct APITests {
    private static let json = [("content-type", "application/json")]
    private static let good = #"{"username": "alice", "password": "a good password"}"#

    private static func register(
        _ server: TestServer, _ body: String, type: String? = "application/json"
    ) async throws -> TestServer.Answer {
        let headers = type.map { [("content-type", $0)] } ?? []
        return try await server.send(.POST, "/api/auth/register", Array(body.utf8), headers: headers)
    }

    @Test func `a refusal is an envelope with a code, a sentence and what was wrong with each field`() async throws {
        try await withServer { server in
            let answer = try await Self.register(server, #"{"username": 7, "displayName": true}"#)
            #expect(answer.status == 400 && answer.json["success"] == false)
            #expect(answer.headers.first(name: "content-type") == "application/json")
            #expect(answer.headers.first(name: "cache-control") == "no-store")
            let error = answer.json["error"]
            #expect(error["code"] == "invalid_username" && error["message"].string?.hasSuffix(".") == true)
            #expect(
                error["details"]
                    == ["username": "must be a string", "password": "is required", "displayName": "must be a string"])
        }
    }

    @Test func `a success is an envelope with data, and unknown fields are overlooked`() async throws {
        try await withServer { server in
            let body = #"{"username": "alice", "password": "a good password", "role": "admin", "x": [{}]}"#
            let answer = try await Self.register(server, body, type: "Application/JSON; charset=utf-8")
            #expect(answer.status == 201 && answer.json["success"] == true && answer.json["error"] == .null)
            #expect(answer.data["user"]["username"] == "alice")
        }
    }

    @Test(arguments: [
        "nonsense", "[]", "7", "null", "\"text\"", "{", "{} {}", "", "  ", #"{"username": "alice""#,
        #"{"username": "alice", "password": "a good password", "x": "# + String(repeating: "[", count: 40)
            + String(repeating: "]", count: 40) + "}",
        String(repeating: "[", count: 60_000), String(repeating: #"{"a":"#, count: 10_000),
    ])
    func `what is no object of a sane depth is refused`(body: String) async throws {
        try await withServer { server in
            let answer = try await Self.register(server, body)
            #expect(answer.status == 400 && answer.code == "invalid_body")
        }
    }

    @Test func `brackets in texts are no depth`() {
        #expect(JSONValue.depth(of: Array(#"{"a": "[[[[\"[[", "b": [1, {"c": "\\"}]}"#.utf8)) == 3)
        #expect(JSONValue.depth(of: []) == 0)
    }

    @Test func `64 KiB are read and one byte more is not`() async throws {
        try await withServer { server in
            let filler = (64 << 10) - Self.good.utf8.count
            let full = Self.good + String(repeating: " ", count: filler)
            let larger = try await Self.register(server, full + " ")
            #expect(larger.status == 413 && larger.code == "body_too_large")
            #expect(try await Self.register(server, full).status == 201)
        }
    }

    @Test(arguments: ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", nil])
    func `a body that is not called JSON is not read as it`(type: String?) async throws {
        try await withServer { server in
            let answer = try await Self.register(server, Self.good, type: type)
            #expect(answer.status == 415 && answer.code == "unsupported_media_type")
        }
    }

    @Test func `an address says which methods it answers`() async throws {
        try await withServer { server in
            let answer = try await server.ask(.DELETE, "/api/auth/me")
            #expect(answer.status == 405 && answer.code == "method_not_allowed")
            #expect(answer.headers.first(name: "allow") == "GET, HEAD, OPTIONS, PUT")
            let register = try await server.ask(.GET, "/api/auth/register")
            #expect(register.status == 405 && register.headers.first(name: "allow") == "OPTIONS, POST")
        }
    }

    @Test(arguments: ["/api", "/api/nothing", "/api/auth", "/api/admin", "/api/auth/me/more", "/api/a/b/c/d"])
    func `there is nothing at other addresses below /api, in JSON`(path: String) async throws {
        try await withServer { server in
            for method: HTTPMethod in [.GET, .POST, .PUT, .DELETE] {
                let answer = try await server.ask(method, path)
                #expect(answer.status == 404 && answer.code == "not_found")
            }
        }
    }

    @Test func `a bearer token that is no good is refused, an old cookie is overlooked where none is needed`()
        async throws
    {
        try await withServer { server in
            let login: JSONValue = ["username": "alice", "password": "some password"]
            let bearer = try await server.ask(.POST, "/api/auth/login", login, token: "nonsense")
            #expect(bearer.code == "unauthenticated")
            let cookie = try await server.ask(
                .POST, "/api/auth/login", login, headers: [("cookie", "golive_session=nonsense")])
            #expect(cookie.code == "invalid_credentials")
            let me = try await server.ask(.GET, "/api/auth/me", headers: [("cookie", "golive_session=nonsense")])
            #expect(me.status == 401)
        }
    }

    @Test func `too many requests are told when to come back`() async throws {
        try await withServer(configure: { $0.limitsRequests = true }) { server in
            var answer = try await server.ask(.POST, "/api/auth/register", [:])
            // On a slow machine some come back in time to be let through.
            for _ in 0..<50 where answer.status != 429 {
                answer = try await server.ask(.POST, "/api/auth/register", [:])
            }
            #expect(answer.status == 429 && answer.code == "too_many_requests")
            #expect(answer.headers.first(name: "retry-after").flatMap(Int.init).map { (1...12).contains($0) } == true)
        }
    }

    @Test func `guesses at a password are slowed down, whoever's it is`() async throws {
        try await withServer(configure: { $0.limitsRequests = true }) { server in
            _ = try await server.person("alice")
            var answers: [Int] = []
            for number in 0..<60 where answers.last != 429 {
                let guess: JSONValue = ["username": "alice", "password": .string("guess \(number)")]
                answers.append(try await server.ask(.POST, "/api/auth/login", guess).status)
            }
            #expect(answers.last == 429 && answers.count > 10 && Set(answers) == [401, 429])
        }
    }
}
