import NIOHTTP1
import Signal
import Testing

@testable import GoLive

@Suite struct StreamRoutesTests {
    @Test(arguments: TestDatabase.allCases)
    func `a stream is set up, read, changed and found in its history`(kind: TestDatabase) async throws {
        try await withServer(kind) { server in
            let ann = try await server.creator("ann")
            #expect(try await server.ask(.GET, "/api/stream/info", token: ann.token).code == "stream_not_found")
            #expect(
                try await server.ask(.PUT, "/api/stream/info", ["title": "x"], token: ann.token).code
                    == "stream_not_found")
            let made = try await server.ask(
                .POST, "/api/stream/setup", ["title": "  One ", "isChatDelayed": true], token: ann.token)
            #expect(made.status == 200)
            #expect(made.data["title"] == "One" && made.data["isLive"] == false && made.data["phase"] == "offline")
            #expect(made.data["isChatDelayed"] == true && made.data["isChatEnabled"] == true)
            #expect(made.data["thumbnail"] == .null && made.data["startedAt"] == .null)
            let changed = try await server.ask(
                .PUT, "/api/stream/info", ["title": "Two", "description": "a\nb", "thumbnail": "/t.png"],
                token: ann.token)
            #expect(changed.data["title"] == "Two" && changed.data["description"] == "a\nb")
            #expect(changed.data["id"] == made.data["id"] && changed.data["thumbnail"] == "/t.png")
            let cleared = try await server.ask(.PUT, "/api/stream/info", ["thumbnail": .null], token: ann.token)
            #expect(cleared.data["thumbnail"] == .null && cleared.data["title"] == "Two")
            let titles = try await server.ask(.GET, "/api/stream/titles?limit=1", token: ann.token)
            #expect(titles.data["items"][0]["title"] == "Two")
            let next = try #require(titles.data["nextCursor"].string)
            let rest = try await server.ask(.GET, "/api/stream/titles?cursor=\(next)", token: ann.token)
            #expect(rest.data["items"].array.map { $0["title"] } == ["One"])
            #expect(rest.data["nextCursor"] == .null)
        }
    }

    @Test func `what is wrong is refused by name, and only approved creators are let in`() async throws {
        try await withServer { server in
            let ann = try await server.creator("ann")
            let reader = try await server.person("reader")
            for title: JSONValue in ["", "  ", .string(String(repeating: "x", count: 201)), 5] {
                let refused = try await server.ask(.POST, "/api/stream/setup", ["title": title], token: ann.token)
                #expect(refused.status == 400 && refused.code == "invalid_title")
            }
            #expect(try await server.ask(.POST, "/api/stream/setup", token: ann.token).status == 400)
            let calls: [(String, String)] = [
                ("POST", "setup"), ("POST", "go-live"), ("POST", "end-stream"), ("GET", "info"), ("PUT", "info"),
                ("PUT", "chat-settings"), ("GET", "status"), ("POST", "creator-token"), ("GET", "titles"),
            ]
            for (method, name) in calls {
                let path = "/api/stream/\(name)"
                let stranger = try await server.ask(.init(rawValue: method), path, ["title": "x"])
                #expect(stranger.status == 401 && stranger.code == "unauthenticated", "\(path)")
                let refused = try await server.ask(
                    .init(rawValue: method), path, ["title": "x"], token: reader.token)
                #expect(refused.status == 403 && refused.code == "creator_not_approved", "\(path)")
            }
            for name in ["go-live", "end-stream"] {
                let missing = try await server.ask(.POST, "/api/stream/\(name)", token: ann.token)
                #expect(missing.status == 404 && missing.code == "stream_not_found")
            }
        }
    }

    /// Law 4.
    @Test func `every chat setting comes back as it was sent, and the others stay`() async throws {
        try await withServer { server in
            let ann = try await server.host("ann")
            var known: [String: JSONValue] = [
                "isChatEnabled": true, "isChatDelayed": false, "isChatFollowersOnly": false,
                "isChatOpenToGuests": true, "slowModeSeconds": 0,
            ]
            let seed = UInt64.random(in: 0 ... .max)
            var random = SeededGenerator(seed: seed)
            for _ in 0..<40 {
                var sent: [String: JSONValue] = [:]
                for name in known.keys.sorted() where Bool.random(using: &random) {
                    sent[name] =
                        name == "slowModeSeconds"
                        ? .integer(.random(in: 0...300, using: &random)) : .bool(.random(using: &random))
                }
                known.merge(sent) { $1 }
                let answer = try await server.ask(
                    .PUT, "/api/stream/chat-settings", .object(sent), token: ann.token)
                #expect(answer.data == .object(known), "seed \(seed)")
            }
            let info = try await server.ask(.GET, "/api/stream/info", token: ann.token)
            for (name, value) in known { #expect(info.data[name] == value) }
            for wrong: JSONValue in [["slowModeSeconds": 301], ["slowModeSeconds": -1], ["isChatEnabled": "yes"]] {
                let refused = try await server.ask(.PUT, "/api/stream/chat-settings", wrong, token: ann.token)
                #expect(refused.status == 400)
            }
        }
    }

    /// Laws 1, 2, 3 and 8.
    @Test(arguments: TestDatabase.allCases)
    func `any sequence of calls keeps the laws of isLive`(kind: TestDatabase) async throws {
        try await withServer(kind) { server in
            let ann = try await server.host("ann")
            let seed = UInt64.random(in: 0 ... .max)
            var random = SeededGenerator(seed: seed)
            var isLive = false
            var title: JSONValue = "A stream"
            for step in 0..<40 {
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    let answer = try await server.ask(.POST, "/api/stream/go-live", token: ann.token)
                    // So many go-lives in so short a time may have to wait.
                    guard answer.status == 200 else {
                        #expect(answer.status == 429)
                        continue
                    }
                    isLive = true
                    #expect(answer.data["stream"]["isLive"] == true)
                case 1:
                    let answer = try await server.ask(.POST, "/api/stream/end-stream", token: ann.token)
                    #expect(answer.status == 200 && answer.json["message"] == "Stream ended")
                    isLive = false
                default:
                    title = .string("Title \(step)")
                    let path = Bool.random(using: &random) ? "setup" : "info"
                    let answer = try await server.ask(
                        path == "setup" ? .POST : .PUT, "/api/stream/\(path)", ["title": title], token: ann.token)
                    #expect(answer.status == 200)
                }
                let info = try await server.ask(.GET, "/api/stream/info", token: ann.token)
                #expect(info.data["isLive"] == .bool(isLive), "seed \(seed), step \(step)")
                #expect(info.data["title"] == title, "seed \(seed), step \(step)")
                #expect(try await server.store.stream(of: ann.user.id)?.isLive == isLive, "seed \(seed), step \(step)")
                let metadata = try await server.room(of: ann).metadata()
                if metadata != .null {
                    #expect(metadata["isLive"] == .bool(isLive) && metadata["title"] == title, "seed \(seed)")
                }
            }
        }
    }
}
