import NIOHTTP1
import Testing

@testable import GoLive

/// A page of another site cannot act with a visitor's cookie.
@Suite struct OriginTests {
    private func update(
        _ server: TestServer, _ person: TestPerson, _ headers: [(String, String)]
    ) async throws -> TestServer.Answer {
        let cookie = [("cookie", "golive_session=\(person.token)")]
        return try await server.ask(.PUT, "/api/auth/me", ["bio": "changed"], headers: cookie + headers)
    }

    @Test func `with the cookie a change needs an origin of our own`() async throws {
        try await withServer { server in
            let alice = try await server.person("alice")
            let refused: [[(String, String)]] = [
                [], [("origin", "https://evil.example.org")], [("origin", "null")], [("origin", "")],
                [("origin", "http://127.0.0.1")], [("origin", server.url + ".example.org")],
                [("sec-fetch-site", "cross-site")], [("sec-fetch-site", "same-site")],
                [("origin", "https://evil.example.org"), ("sec-fetch-site", "same-origin")],
            ]
            for headers in refused {
                let answer = try await update(server, alice, headers)
                #expect(answer.status == 403 && answer.code == "cross_origin")
            }
            #expect(try await server.store.user(id: alice.user.id)?.bio == "")
            #expect(try await update(server, alice, [("origin", server.url)]).status == 200)
            #expect(try await update(server, alice, [("sec-fetch-site", "same-origin")]).status == 200)
        }
    }

    @Test func `looking needs none, and a bearer token needs none`() async throws {
        try await withServer { server in
            let alice = try await server.person("alice")
            let foreign = ("origin", "https://evil.example.org")
            let cookie = ("cookie", "golive_session=\(alice.token)")
            #expect(try await server.ask(.GET, "/api/auth/me", headers: [cookie, foreign]).status == 200)
            let body: JSONValue = ["bio": "x"]
            let bearer = try await server.ask(.PUT, "/api/auth/me", body, token: alice.token, headers: [foreign])
            #expect(bearer.status == 200)
        }
    }

    @Test func `the public address is an origin of ours behind a proxy that changes the host`() async throws {
        try await withServer(configure: { $0.publicURL = "https://Live.example.org/" }) { server in
            let alice = try await server.person("alice")
            #expect(try await update(server, alice, [("origin", "https://live.example.org")]).status == 200)
            #expect(try await update(server, alice, [("origin", "https://live.example.org:444")]).status == 403)
        }
    }

    @Test(arguments: [
        ("https://a.example.org", "https://a.example.org"), ("HTTPS://A.example.org:443/x", "https://a.example.org"),
        ("http://a.example.org:80?x", "http://a.example.org"), ("http://a.example.org:443", "http://a.example.org:443"),
        ("http://[::1]:7880/", "http://[::1]:7880"), ("nonsense", ""),
    ])
    func `an origin is scheme, host and port`(url: String, origin: String) {
        #expect(ApplicationSettings.origin(of: url) == origin)
    }
}
