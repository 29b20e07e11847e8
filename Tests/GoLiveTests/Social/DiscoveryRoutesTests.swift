import Foundation
import NIOHTTP1
import Testing

@testable import GoLive

@Suite struct DiscoveryRoutesTests {
    @Test(arguments: ["live", "recommended", "search?q=chess", "following"])
    func `a cursor that no list gave is refused`(list: String) async throws {
        try await withServer { server in
            let user = try await server.person("someone")
            let separator = list.contains("?") ? "&" : "?"
            for cursor in ["x", "!!!!", "W10", Cursor("1", "2").text, Cursor("a", "b", "c", "d").text] {
                let answer = try await server.ask(
                    .GET, "/api/viewer/\(list)\(separator)cursor=\(cursor)", token: user.token)
                #expect(answer.status == 400 && answer.code == "invalid_cursor", "\(cursor)")
            }
        }
    }

    @Test func `a search has 1 to 100 characters, and one without words finds nothing`() async throws {
        try await withServer { server in
            let long = String(repeating: "x", count: 101)
            for query in ["", "?q=", "?q=%20", "?q=\(long)", "?q=%00"] {
                let answer = try await server.ask(.GET, "/api/viewer/search\(query)")
                #expect(answer.status == 400 && answer.code == "invalid_query", "\(query)")
            }
            for query in ["%22", "%27%3B--", "*"] {
                let answer = try await server.ask(.GET, "/api/viewer/search?q=\(query)")
                #expect(answer.status == 200 && answer.data["items"].array.isEmpty, "\(query)")
            }
        }
    }

    @Test func `who is not signed in follows nobody`() async throws {
        try await withServer { server in
            let answer = try await server.ask(.GET, "/api/viewer/following")
            #expect(answer.status == 401 && answer.code == "unauthenticated")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a list is the same in pages of any length, each with its host and picture`(kind: TestDatabase) async throws {
        try await withServer(kind) { server in
            let viewer = try await server.person("viewer")
            for number in 0..<7 {
                let host = try await server.creator("host\(number)")
                try await server.store.addStream(of: host.user, title: "Café \(number)")
                try await server.store.write { connection in
                    try connection.indexForSearch(userID: host.user.id)
                    try connection.follow(host.user.id, by: viewer.user.id, at: 1, most: 10)
                }
            }
            try await server.store.write { connection in
                try connection.run(
                    """
                    INSERT INTO thumbnails (user_id, kind, content_type, bytes, tag, updated_at)
                    SELECT id, 'live', 'image/png', ?1, 'abcdef', 1 FROM users WHERE username = 'host3'
                    """, [.blob([1])])
            }
            for list in ["search?q=caf%C3%A9&", "search?q=CAFE&", "following?", "recommended?"] {
                // The viewer follows everybody: nothing is left to recommend to them.
                let token = list == "recommended?" ? nil : viewer.token
                let whole = try await Self.pages(server, "/api/viewer/\(list)", limit: 100, token: token)
                #expect(Set(whole.map { $0["host"]["username"].string }).count == 7)
                for limit in [1, 3, 7] {
                    let items = try await Self.pages(server, "/api/viewer/\(list)", limit: limit, token: token)
                    #expect(items == whole, "\(list) in pages of \(limit)")
                }
                let pictured = try #require(whole.first { $0["host"]["username"].string == "host3" })
                let id = try #require(pictured["host"]["id"].string)
                #expect(pictured["stream"]["thumbnail"].string?.hasPrefix("/api/thumbnails/\(id)?v=abcdef") == true)
                #expect(pictured["stream"]["title"].string == "Café 3")
                #expect(pictured["stream"]["isLive"].bool == false && pictured["viewerCount"].integer == 0)
            }
            let rest = try await server.ask(.GET, "/api/viewer/recommended", token: viewer.token)
            #expect(rest.data["items"].array.isEmpty)
        }
    }

    static func pages(
        _ server: TestServer, _ path: String, limit: Int, token: String?
    ) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        var next = ""
        while true {
            let data = try await server.ask(.GET, "\(path)limit=\(limit)\(next)", token: token).data
            items += data["items"].array
            guard let cursor = data["nextCursor"].string else { return items }
            next = "&cursor=\(cursor)"
        }
    }
}
