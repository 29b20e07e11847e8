import NIOHTTP1
import Testing

@testable import Signal

@Suite struct FrontDoorTests {
    @Test func `health, version and metrics answer`() async throws {
        try await HTTPFixture.run { door in
            #expect(try await door.send(.GET, "/healthz").body == "ok")
            #expect(try await door.send(.GET, "/readyz").status == 200)
            door.readiness.isReady = false
            #expect(try await door.send(.GET, "/readyz").status == 503)
            #expect(try await door.send(.GET, "/healthz").status == 200)
            let version = try await door.send(.GET, "/version")
            #expect(version.body.contains(ServerVersion.current))
            #expect(version.headers.first(name: "content-type") == "application/json")
            let metrics = try await door.send(.GET, "/metrics")
            #expect(metrics.body.contains("golive_http_answers_total{status=\"5xx\"} 1\n"))
            #expect(metrics.headers.first(name: "content-type")?.hasPrefix("text/plain; version=0.0.4") == true)
        }
    }

    @Test func `the client's files come with type, policy and a tag that spares sending them again`() async throws {
        try await HTTPFixture.run { door in
            let page = try await door.send(.GET, "/")
            #expect(page.body == "<p>hello")
            #expect(page.headers.first(name: "content-type") == "text/html; charset=utf-8")
            #expect(page.headers.first(name: "content-security-policy")?.contains("script-src 'self'") == true)
            let tag = try #require(page.headers.first(name: "etag"))
            let again = try await door.send(.GET, "/index", headers: [("if-none-match", "\"x\", W/\(tag)")])
            #expect(again.status == 304)
            #expect(again.body.isEmpty)
            #expect(
                try await door.send(.GET, "/a.js").headers.first(name: "content-type")?.contains("javascript") == true)
            #expect(try await door.send(.GET, "/nothing.txt").status == 404)
            #expect(try await door.send(.GET, "/..%2Fetc%2Fpasswd").status == 404)
        }
    }

    @Test func `a file is compressed for those who take it, under a tag of its own`() async throws {
        try await HTTPFixture.run { door in
            let plain = try await door.send(.GET, "/long.js")
            #expect(plain.bytes == HTTPFixture.longFile)
            #expect(plain.headers.first(name: "content-encoding") == nil)
            #expect(plain.headers.first(name: "vary") == "Accept-Encoding")
            let packed = try await door.send(.GET, "/long.js", headers: [("accept-encoding", "br;q=1, gzip;q=0.5")])
            #expect(packed.headers.first(name: "content-encoding") == "gzip")
            #expect(packed.bytes.prefix(2) == [0x1F, 0x8B] && packed.bytes.count < plain.bytes.count / 2)
            #expect(packed.headers.first(name: "etag") != plain.headers.first(name: "etag"))
            let tag = try #require(packed.headers.first(name: "etag"))
            let again = try await door.send(
                .GET, "/long.js", headers: [("accept-encoding", "gzip"), ("if-none-match", tag)])
            #expect(again.status == 304)
            for refusal in ["gzip;q=0", "gzip; q=0.000", "br", "identity"] {
                let answer = try await door.send(.GET, "/long.js", headers: [("accept-encoding", refusal)])
                #expect(answer.headers.first(name: "content-encoding") == nil, "\(refusal)")
            }
            // One byte has nothing to save.
            let short = try await door.send(.GET, "/a.js", headers: [("accept-encoding", "gzip")])
            #expect(short.body == "1")
        }
    }

    @Test func `a page is found at its place, a name leads to people's page, and only some may be framed`() async throws
    {
        try await HTTPFixture.run { door in
            let framed = try await door.send(.GET, "/frame/ada")
            #expect(framed.body == "<p>framed")
            #expect(framed.headers.first(name: "content-security-policy")?.contains("frame-ancestors") == false)
            let person = try await door.send(.GET, "/ada_L-1")
            #expect(person.body == "<p>a person")
            #expect(
                person.headers.first(name: "content-security-policy")?.contains("frame-ancestors 'none'") == true)
            for path in ["/no%20name", "/ada.txt", "/%3Cp%3E", "/\(String(repeating: "a", count: 65))"] {
                #expect(try await door.send(.GET, path).status == 404, "\(path)")
            }
        }
    }

    @Test func `who looks for a page where there is none gets one that says so; programs get a line of text`()
        async throws
    {
        try await HTTPFixture.run { door in
            for path in ["/a/b/c", "/nothing.txt", "/%3Cp%3E"] {
                let page = try await door.send(
                    .GET, path, headers: [("accept", "text/html,*/*;q=0.8"), ("if-none-match", "*")])
                #expect(page.status == 404 && page.body == "<p>nothing here")
                #expect(page.headers.first(name: "content-type") == "text/html; charset=utf-8")
                #expect(page.headers.first(name: "content-security-policy")?.contains("default-src 'none'") == true)
                let text = try await door.send(.GET, path, headers: [("accept", "*/*")])
                #expect(text.status == 404 && text.body == "there is nothing at this address")
            }
        }
    }

    @Test func `validation says success or why not`() async throws {
        try await HTTPFixture.run { door in
            let good = try await door.token(door.joinGrant)
            let answer = try await door.send(.GET, "/rtc/validate", token: good)
            #expect(answer.status == 200 && answer.body == "success")
            #expect(answer.headers.first(name: "access-control-allow-origin") == "*")
            #expect(try await door.send(.GET, "/rtc/validate?access_token=\(good)&sdk=js").status == 200)
            #expect(try await door.send(.GET, "/rtc/validate").status == 401)
            let forged = good.dropLast(4) + "AAAA"
            let refusal = try await door.send(.GET, "/rtc/validate?access_token=\(forged)")
            #expect(refusal.status == 401)
            #expect(!refusal.body.contains(forged))
            let admin = try await door.token(Grant(identity: "a", room: "r", roomAdmin: true))
            #expect(try await door.send(.GET, "/rtc/validate", token: admin).status == 403)
            await door.revocations.revoke("bob", in: "r")
            #expect(try await door.send(.GET, "/rtc/validate", token: good).status == 403)
            #expect(try await door.send(.OPTIONS, "/rtc/validate").headers["access-control-allow-origin"] == ["*"])
        }
    }

    @Test func `what is not a WebSocket is told so`() async throws {
        try await HTTPFixture.run { door in
            let good = try await door.token(door.joinGrant)
            #expect(try await door.send(.GET, "/rtc", token: good).status == 426)
            #expect(try await door.send(.GET, "/rtc").status == 401)
        }
    }

    /// A proxy (nginx with `keepalive`) sends one's upgrade over a connection that it kept from another's page.
    @Test(arguments: ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via", "Upgrade"])
    func `what a proxy asks for is the last on its connection, so that an upgrade finds a fresh one`(
        header: String
    ) async throws {
        try await HTTPFixture.run { door in
            let direct = try await door.send(.GET, "/version")
            #expect(direct.headers["connection"] == [])
            for path in ["/version", "/", "/nowhere"] {
                let answer = try await door.send(.GET, path, headers: [(header, "for=192.0.2.1")])
                #expect(answer.headers["connection"] == ["close"])
            }
        }
    }

    /// livekit-client 2.17 and later: the WebSocket to `/rtc/v1` fails, the page asks `/rtc/v1/validate` why, and goes on
    /// at `/rtc` when the answer is 404. An answer it may not read counts as a server out of reach.
    @Test(arguments: ["/rtc/v1", "/rtc/v1/validate"])
    func `SDKs of any origin learn that they are to use the other protocol`(path: String) async throws {
        try await HTTPFixture.run { door in
            for token in [try await door.token(door.joinGrant), nil] {
                let answer = try await door.send(
                    .GET, path + "?join_request=AAAA", token: token, headers: [("origin", "https://elsewhere.example")])
                #expect(answer.status == 404)
                #expect(answer.headers["access-control-allow-origin"] == ["*"])
                // What they take to be about the room rather than the address.
                #expect(!answer.body.contains("requested room does not exist"))
            }
        }
    }

    @Test(arguments: ["/nothing.txt", "/no/such/path", "/rtc/v2", "/dev/token", "/%00", "/twirp/x.Y/Z"])
    func `an address that is not there is answered in words`(path: String) async throws {
        try await HTTPFixture.run { door in
            let answer = try await door.send(.GET, path)
            #expect(answer.status == 404)
            #expect(answer.body == "there is nothing at this address")
            #expect(answer.headers.first(name: "content-type") == "text/plain; charset=utf-8")
            #expect(answer.headers.first(name: "x-content-type-options") == "nosniff")
        }
    }

    @Test(arguments: [
        (HTTPMethod.POST, "/healthz", "GET, HEAD"), (.DELETE, "/", "GET, HEAD"), (.PUT, "/metrics", "GET, HEAD"),
        (.POST, "/rtc", "GET, HEAD"), (.POST, "/rtc/validate", "GET, HEAD, OPTIONS"),
        (.GET, "/twirp/livekit.RoomService/ListRooms", "OPTIONS, POST"),
    ])
    func `a method that an address does not have is told which it has`(
        method: HTTPMethod, path: String, allowed: String
    ) async throws {
        try await HTTPFixture.run { door in
            let answer = try await door.send(method, path)
            #expect(answer.status == 405)
            #expect(answer.headers.first(name: "allow") == allowed)
            #expect(answer.body == "this address answers \(allowed)")
        }
    }

    @Test func `HEAD is answered like GET, without the body`() async throws {
        try await HTTPFixture.run { door in
            for path in ["/healthz", "/", "/a.js"] {
                let answer = try await door.send(.HEAD, path)
                #expect(answer.status == 200, "\(path)")
                #expect(answer.body.isEmpty)
            }
        }
    }

    @Test func `a body that is too long is refused in words, and the port goes on`() async throws {
        var limits = HTTPLimits()
        limits.bodyBytes = 1000
        try await HTTPFixture.run(limits: limits) { door in
            let admin = try await door.token(Grant(identity: "a", roomList: true))
            let long = Array(repeating: UInt8(ascii: " "), count: 200_000)
            let answer = try await door.send(
                .POST, "/twirp/livekit.RoomService/ListRooms", token: admin,
                headers: [("content-type", "application/json")], body: long)
            #expect(answer.status == 400)
            #expect(answer.body.contains("longer than 1000 bytes"))
            #expect(try await door.send(.GET, "/healthz").status == 200)
        }
    }
}
