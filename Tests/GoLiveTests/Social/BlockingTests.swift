import NIOHTTP1
import Relay
import Signal
import Testing

@testable import GoLive

/// What a block does to a room that the blocked one is in, or would come into.
@Suite struct BlockingTests {
    @Test func `a block puts the viewer out at once, and no earlier token lets them in`() async throws {
        try await withServer { server in
            let host = try await server.creator("host")
            let viewer = try await server.person("viewer")
            let other = try await server.person("other")
            let watching = try await Self.join(server, viewer, host)
            _ = try await Self.join(server, other, host)
            let token = try await Self.token(server, viewer, host)
            #expect(try await Self.admits(server, token))

            #expect(try await server.ask(.PUT, "/api/users/viewer/block", token: host.token).status == 200)
            #expect(try await Self.ending(watching) == .participantRemoved)
            let left = try await server.server.relay.participants(in: host.user.id)
            #expect(left.map(\.identity) == [other.user.id])
            #expect(try await !Self.admits(server, token))
            let others = try await Self.token(server, other, host)
            #expect(try await Self.admits(server, others))

            _ = try await server.ask(.DELETE, "/api/users/viewer/block", token: host.token)
            // Times in tokens are whole seconds: within the second of the block none is newer.
            while try await !Self.admits(server, try await Self.token(server, viewer, host)) { await Task.yield() }
            #expect(try await !Self.admits(server, token))
        }
    }

    @Test func `a block bars earlier tokens after a restart too`() async throws {
        try await withFolder { folder in
            var settings = ApplicationSettings()
            settings.database = try await TestDatabase.sqlite.address(in: folder)
            let tokens = TokenBox()
            try await withServer(settings: settings) { server in
                let host = try await server.creator("host")
                let viewer = try await server.person("viewer")
                await tokens.keep(try await Self.token(server, viewer, host))
                _ = try await server.ask(.PUT, "/api/users/viewer/block", token: host.token)
            }
            try await withServer(settings: settings) { server in
                let token = try #require(await tokens.token)
                let isAdmitted = try await Self.admits(server, token)
                #expect(!isAdmitted)
            }
        }
    }

    @Test func `who was let in just before the block was written is put out on coming in`() async throws {
        try await withServer { server in
            let host = try await server.creator("host")
            let viewer = try await server.person("viewer")
            let other = try await server.person("other")
            try await server.store.write {
                try $0.block(viewer.user.id, by: host.user.id, at: WallClock.now(), most: 10)
            }
            let late = try await Self.join(server, viewer, host)
            let fine = try await Self.join(server, other, host)
            let (events, feed) = AsyncStream.makeStream(of: RelayEvent.self)
            for joined in [late, fine] { feed.yield(.participantJoined(joined.room, joined.participant)) }
            feed.finish()
            await server.server.application.relations.run(events)
            #expect(try await Self.ending(late) == .participantRemoved)
            let left = try await server.server.relay.participants(in: host.user.id)
            #expect(left.map(\.identity) == [other.user.id])
        }
    }

    private actor TokenBox {
        var token: String?

        func keep(_ token: String) { self.token = token }
    }

    private static func join(_ server: TestServer, _ viewer: TestPerson, _ host: TestPerson) async throws -> Joined {
        let permission = Permission(canSubscribe: true, canPublish: false, canPublishData: true)
        return try await server.server.relay.join(
            JoinRequest(room: host.user.id, identity: viewer.user.id, permission: permission))
    }

    private static func token(
        _ server: TestServer, _ viewer: TestPerson, _ host: TestPerson
    ) async throws -> String {
        try await server.server.application.tokens.issue(
            Grant(identity: viewer.user.id, room: host.user.id, roomJoin: true), ttl: .seconds(60))
    }

    private static func admits(_ server: TestServer, _ token: String) async throws -> Bool {
        try await server.ask(.GET, "/rtc/validate", token: token).status == 200
    }

    /// Why a participant is out, once they are.
    private static func ending(_ joined: Joined) async throws -> LeaveReason? {
        for await event in joined.events {
            if case .left(let reason) = event { return reason }
        }
        return nil
    }
}
