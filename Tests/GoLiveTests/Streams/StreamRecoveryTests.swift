import NIOHTTP1
import Testing

@testable import GoLive
@testable import Relay

@Suite struct StreamRecoveryTests {
    /// Runs two servers, one after the other, on one database.
    func restart(
        _ kind: TestDatabase, grace: Duration,
        before: @escaping @Sendable (TestServer) async throws -> Void,
        after: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            var settings = ApplicationSettings()
            settings.database = try await kind.address(in: folder)
            settings.limitsRequests = false
            try await withServer(settings: settings, before)
            settings.mediaGrace = grace
            try await withServer(settings: settings, after)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a creator who comes back after a restart goes on in the same session`(kind: TestDatabase) async throws {
        try await restart(kind, grace: .seconds(30)) { server in
            let ann = try await server.host("ann")
            let room = server.room(of: ann)
            #expect(try await server.ask(.POST, "/api/stream/go-live", token: ann.token).status == 200)
            room.startMedia(of: try await room.enter(ann.user.id))
            try await eventually("live in the store") {
                try await server.store.stream(of: ann.user.id)?.phase == .live
            }
        } after: { server in
            let user = try #require(try await server.store.user(username: "ann"))
            let stream = try #require(try await server.store.stream(of: user.id))
            #expect(stream.phase == .reconnecting && stream.liveSessionID != nil)
            let watch = try await server.ask(.GET, "/api/viewer/stream/ann")
            #expect(watch.data["stream"]["phase"] == "reconnecting" && watch.data["stream"]["isLive"] == true)
            let room = TestRoom(relay: server.server.relay, hostID: user.id)
            room.startMedia(of: try await room.enter(user.id))
            try await eventually("live again") {
                try await server.store.stream(of: user.id)?.phase == .live
            }
            #expect(try await server.store.stream(of: user.id)?.liveSessionID == stream.liveSessionID)
            #expect(try await server.store.stream(of: user.id)?.startedAt == stream.startedAt)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `one who does not come back ends by themself, when they were last seen`(kind: TestDatabase) async throws {
        try await restart(kind, grace: .milliseconds(300)) { server in
            let ann = try await server.host("ann")
            #expect(try await server.ask(.POST, "/api/stream/go-live", token: ann.token).status == 200)
        } after: { server in
            let user = try #require(try await server.store.user(username: "ann"))
            try await eventually("the stream has ended") {
                try await server.store.stream(of: user.id)?.phase == .offline
            }
            let sessions = try await server.store.read { try $0.run("SELECT * FROM live_sessions") }
                .map(LiveSession.init)
            #expect(sessions.count == 1)
            #expect(sessions.first?.endedAt == sessions.first?.lastSeenAt)
        }
    }
}
