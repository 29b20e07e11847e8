import AsyncHTTPClient
import NIOHTTP1
import Testing

@testable import GoLive

@Suite struct UpdateRoutesTests {
    func updates(_ server: TestServer) -> LiveUpdates { server.server.application.updates }

    @Test(arguments: TestDatabase.allCases)
    func `connecting brings a snapshot of everything, then each change as it happens`(kind: TestDatabase) async throws {
        try await withServer(kind) { server in
            let host = try await server.creator("Host")
            try await server.store.addStream(
                of: host.user, title: "Täglich", chat: ChatSettings(isFollowersOnly: true, slowModeSeconds: 5))
            let listener = try await server.listen(to: "host")
            #expect(listener.headers["content-type"] == ["text/event-stream"])
            #expect(listener.headers["cache-control"] == ["no-store"])
            #expect(listener.headers["x-accel-buffering"] == ["no"])
            let snapshot = try await listener.next(4)
            #expect(listener.retry == 2000)
            #expect(snapshot.map(\.name) == ["status", "viewer-count", "info", "chat-settings"])
            #expect(
                snapshot.map(\.json) == [
                    ["username": "Host", "isLive": false, "phase": "offline", "viewerCount": 0, "startedAt": .null],
                    ["username": "Host", "viewerCount": 0],
                    ["username": "Host", "title": "Täglich", "description": "", "thumbnail": .null],
                    [
                        "isChatEnabled": true, "isChatDelayed": false, "chatDelaySeconds": 3,
                        "isChatFollowersOnly": true, "isChatOpenToGuests": true, "slowModeSeconds": 5,
                        "username": "Host",
                    ],
                ])
            let status = StreamStatus(phase: .live, viewerCount: 2, startedAt: 1_700_000_000_000)
            await updates(server).publish(.status(status), hostID: host.user.id)
            let event = try await listener.next()
            #expect(
                event?.json == [
                    "isLive": true, "phase": "live", "viewerCount": 2, "startedAt": "2023-11-14T22:13:20.000Z",
                    "username": "Host",
                ])
        }
    }

    @Test func `who says the last id, in the header or the query, gets only what was missed`() async throws {
        try await withServer { server in
            let host = try await server.creator("host")
            try await server.store.addStream(of: host.user)
            let first = try await server.listen(to: "host")
            let seen = try #require(try await first.next(4).last?.id)
            for title in ["a", "b"] {
                await updates(server).publish(
                    .info(title: title, description: "", thumbnail: nil), hostID: host.user.id)
            }
            _ = try await first.next(2)
            let byHeader = try await server.listen(to: "host", headers: [("last-event-id", seen)])
            #expect(try await byHeader.next(2).map { $0.json["title"] } == ["a", "b"])
            let byQuery = try await server.listen(to: "host", query: "?lastEventId=\(seen)")
            #expect(try await byQuery.next(2).map { $0.json["title"] } == ["a", "b"])
            for foreign in ["1-1", "nonsense", ""] {
                let anew = try await server.listen(to: "host", headers: [("last-event-id", foreign)])
                #expect(try await anew.next(4).map(\.name).first == "status")
            }
        }
    }

    @Test func `only hosts with a stream are listened to, and not by those they blocked`() async throws {
        try await withServer { server in
            let host = try await server.creator("host")
            let blocked = try await server.person("blocked")
            let nobody = try await server.ask(.GET, "/api/events/nobody")
            #expect(nobody.status == 404 && nobody.code == "host_not_found")
            let unready = try await server.ask(.GET, "/api/events/host")
            #expect(unready.status == 404 && unready.code == "stream_not_found")
            try await server.store.addStream(of: host.user)
            try await server.store.write {
                try $0.run("INSERT INTO blocks VALUES (?1, ?2, 1)", [.text(host.user.id), .text(blocked.user.id)])
            }
            let refused = try await server.ask(.GET, "/api/events/host", token: blocked.token)
            #expect(refused.status == 404 && refused.code == "host_not_found")
            let head = try await server.ask(.HEAD, "/api/events/host")
            #expect(head.status == 200 && head.headers["content-type"] == ["text/event-stream"])
            try await eventually("nobody listens") { await updates(server).listenerCount == 0 }
        }
    }

    @Test func `a blocked listener's stream ends at once, and one that was closed is forgotten`() async throws {
        try await withServer { server in
            let host = try await server.creator("host")
            let viewer = try await server.person("viewer")
            try await server.store.addStream(of: host.user)
            let listener = try await server.listen(to: "host", token: viewer.token)
            _ = try await listener.next(4)
            await updates(server).dismiss(viewer.user.id, hostID: host.user.id)
            #expect(try await listener.next() == nil)
            do {
                let leaving = try await server.listen(to: "host")
                _ = try await leaving.next(4)
                #expect(await updates(server).listenerCount == 1)
            }
            try await eventually("it is forgotten without a word from the server") {
                await updates(server).listenerCount == 0
            }
        }
    }

    @Test func `when the server stops, streams end in order instead of being cut off`() async throws {
        let (responses, source) = AsyncStream.makeStream(of: HTTPClientResponse.self)
        try await withServer { server in
            let host = try await server.creator("host")
            try await server.store.addStream(of: host.user)
            // The client opens eight connections to one server; a ninth would wait.
            for _ in 0..<8 { source.yield(try await server.open(to: "host")) }
        }
        source.finish()
        var ended = 0
        for await response in responses {
            let listener = EventListener(response)
            while try await listener.next() != nil {}
            ended += 1
        }
        #expect(ended == 8)
    }
}
