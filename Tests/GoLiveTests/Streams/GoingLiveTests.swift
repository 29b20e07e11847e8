import NIOHTTP1
import Signal
import Testing

@testable import GoLive
@testable import Relay

/// A stream from go-live to its end, over HTTP, with participants who join the relay.
@Suite struct GoingLiveTests {
    static func isAdmitted(_ token: JSONValue, _ server: TestServer) async throws -> Bool {
        try await server.ask(.GET, "/rtc/validate?access_token=\(token.string ?? "")").status == 200
    }

    static func status(_ server: TestServer, _ host: TestPerson) async throws -> JSONValue {
        try await server.ask(.GET, "/api/stream/status", token: host.token).data
    }

    @Test(arguments: TestDatabase.allCases)
    func `a stream starts, is live with media, counts who watches, and ends for everyone`(
        kind: TestDatabase
    ) async throws {
        try await withServer(kind) { server in
            let ann = try await server.host("ann", title: "Hello")
            let room = server.room(of: ann)
            let start = try await server.ask(.POST, "/api/stream/go-live", token: ann.token)
            #expect(start.status == 200)
            #expect(start.data["roomId"] == .string(ann.user.id))
            #expect(start.data["wsUrl"] == .string("ws://127.0.0.1:\(server.port)"))
            #expect(start.data["stream"]["isLive"] == true && start.data["stream"]["phase"] == "starting")
            #expect(try await Self.isAdmitted(start.data["token"], server))
            let grant = try await server.server.application.tokens.verify(start.data["token"].string ?? "")
            #expect(grant.identity == ann.user.id && grant.room == ann.user.id && grant.name == "Ann")
            #expect(grant.canPublish == true && grant.canSubscribe == true && grant.canPublishData == true)
            #expect(grant.attributes == ["role": "host", "username": "ann"])
            #expect(try await room.metadata()["phase"] == "starting")

            let publisher = try await room.enter(ann.user.id)
            let viewer = try await room.enter("guest-1-a")
            _ = try await room.enter("Host-\(ann.user.id)")
            _ = try await room.enter("recorder", hidden: true)
            room.startMedia(of: publisher)
            try await eventually("live") { try await Self.status(server, ann)["phase"] == "live" }
            try await eventually("one watches") { try await Self.status(server, ann)["viewerCount"] == 1 }
            try await eventually("the room knows") { try await room.metadata()["phase"] == "live" }
            let session = try #require(try await server.store.stream(of: ann.user.id)?.liveSessionID)
            try await eventually("a first sample") {
                try await server.store.read { try $0.samples(ofSession: session) }.count == 1
            }
            room.stopMedia(of: publisher)
            try await eventually("reconnecting") { try await room.metadata()["phase"] == "reconnecting" }
            room.startMedia(of: publisher)
            try await eventually("live again") { try await room.metadata()["phase"] == "live" }

            #expect(try await server.ask(.POST, "/api/stream/end-stream", token: ann.token).status == 200)
            #expect(try await Self.status(server, ann)["isLive"] == false)
            #expect(try await room.metadata()["phase"] == "offline")
            #expect(try await Self.leaveReason(of: publisher) == .participantRemoved)
            #expect(try await !Self.isAdmitted(start.data["token"], server))
            let over = try #require(try await server.store.read { try $0.liveSession(id: session) })
            #expect(over.endedAt != nil && over.peakViewers == 1 && over.title == "Hello")
            #expect(try await server.store.stream(of: ann.user.id)?.phase == .offline)
            #expect(
                try await server.server.relay.participants(in: ann.user.id).contains { $0.id == viewer.participant.id })
        }
    }

    static func leaveReason(of joined: Joined) async throws -> LeaveReason? {
        for await case .left(let reason) in joined.events { return reason }
        return nil
    }

    @Test(arguments: TestDatabase.allCases)
    func `when it was last live is said once it is over`(kind: TestDatabase) async throws {
        try await withServer(kind) { server in
            let ann = try await server.host("ann")
            func lastLiveAt() async throws -> [JSONValue] {
                let own = try await server.ask(.GET, "/api/stream/info", token: ann.token).data
                let seen = try await server.ask(.GET, "/api/viewer/stream/ann").data["stream"]
                return [own, seen].map { stream in
                    guard case .object(let members) = stream else { return false }
                    return members["lastLiveAt"] ?? false
                }
            }
            #expect(try await lastLiveAt() == [.null, .null])
            for _ in 0..<2 {
                let before = WallClock.now()
                _ = try await server.ask(.POST, "/api/stream/go-live", token: ann.token)
                #expect(try await lastLiveAt() == [.null, .null])
                _ = try await server.ask(.POST, "/api/stream/end-stream", token: ann.token)
                let after = WallClock.now()
                for time in try await lastLiveAt() {
                    let text = try #require(time.string)
                    #expect(text >= WallClock.text(before) && text <= WallClock.text(after))
                }
            }
        }
    }

    @Test func `a stream whose media does not come ends by itself, and its token with it`() async throws {
        try await withServer {
            $0.mediaGrace = .milliseconds(300)
        } _: { server in
            let ann = try await server.host("ann")
            let start = try await server.ask(.POST, "/api/stream/go-live", token: ann.token)
            try await eventually("offline") { try await Self.status(server, ann)["isLive"] == false }
            try await eventually("the token is barred") { try await !Self.isAdmitted(start.data["token"], server) }
            try await eventually("the store follows") {
                try await server.store.stream(of: ann.user.id)?.isLive == false
            }
            // The grace of the new start may be over on a slow machine before its token is looked at.
            try await eventually("the token of a new start is good") {
                let again = try await server.ask(.POST, "/api/stream/go-live", token: ann.token)
                return try await Self.isAdmitted(again.data["token"], server)
            }
        }
    }

    @Test func `a stream whose media is gone for the grace ends when it was last seen`() async throws {
        try await withServer {
            $0.mediaGrace = .seconds(5)
        } _: { server in
            let ann = try await server.host("ann")
            let room = server.room(of: ann)
            _ = try await server.ask(.POST, "/api/stream/go-live", token: ann.token)
            let publisher = try await room.enter(ann.user.id)
            room.startMedia(of: publisher)
            try await eventually("live") { try await Self.status(server, ann)["phase"] == "live" }
            let session = try #require(try await server.store.stream(of: ann.user.id)?.liveSessionID)
            room.stopMedia(of: publisher)
            try await eventually("offline") { try await Self.status(server, ann)["isLive"] == false }
            #expect(try await Self.leaveReason(of: publisher) == .participantRemoved)
            try await eventually("the session has ended") {
                try await server.store.read { try $0.liveSession(id: session) }?.endedAt != nil
            }
            let over = try #require(try await server.store.read { try $0.liveSession(id: session) })
            #expect(over.endedAt == over.lastSeenAt)
        }
    }

    @Test func `a second page is refused while the first publishes, or takes over, never both`() async throws {
        try await withServer { server in
            let ann = try await server.host("ann")
            let room = server.room(of: ann)
            let first = try await server.ask(.POST, "/api/stream/go-live", token: ann.token)
            let publisher = try await room.enter(ann.user.id)
            room.startMedia(of: publisher)
            try await eventually("live") { try await Self.status(server, ann)["phase"] == "live" }
            let session = try await server.store.stream(of: ann.user.id)?.liveSessionID

            let refused = try await server.ask(.POST, "/api/stream/go-live", token: ann.token)
            #expect(refused.status == 409 && refused.code == "already_live")
            #expect(try await Self.isAdmitted(first.data["token"], server))

            let second = try await server.ask(
                .POST, "/api/stream/go-live", ["takeOver": true], token: ann.token)
            #expect(second.status == 200)
            #expect(try await Self.leaveReason(of: publisher) == .duplicateIdentity)
            #expect(try await !Self.isAdmitted(first.data["token"], server))
            #expect(try await Self.isAdmitted(second.data["token"], server))
            #expect(try await server.store.stream(of: ann.user.id)?.liveSessionID == session)
        }
    }

    @Test func `of pages that go live before any publishes, only the last one's token is good`() async throws {
        try await withServer { server in
            let ann = try await server.host("ann")
            var tokens: [JSONValue] = []
            for _ in 0..<4 {
                tokens.append(try await server.ask(.POST, "/api/stream/go-live", token: ann.token).data["token"])
            }
            tokens += try await withThrowingTaskGroup(of: JSONValue.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        try await server.ask(.POST, "/api/stream/go-live", token: ann.token).data["token"]
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            var good = 0
            for token in tokens where try await Self.isAdmitted(token, server) { good += 1 }
            #expect(good == 1)
        }
    }

    @Test func `who publishes for a stream that is not live is put out`() async throws {
        try await withServer { server in
            let ann = try await server.host("ann")
            let room = server.room(of: ann)
            let publisher = try await room.enter(ann.user.id)
            room.startMedia(of: publisher)
            #expect(try await Self.leaveReason(of: publisher) == .participantRemoved)
            #expect(try await Self.status(server, ann)["isLive"] == false)
        }
    }

    @Test func `a change of title or rules is in the room at once, and isLive stays`() async throws {
        try await withServer { server in
            let ann = try await server.host("ann")
            let room = server.room(of: ann)
            _ = try await server.ask(.POST, "/api/stream/go-live", token: ann.token)
            _ = try await server.ask(.PUT, "/api/stream/info", ["title": "New"], token: ann.token)
            _ = try await server.ask(.PUT, "/api/stream/chat-settings", ["slowModeSeconds": 7], token: ann.token)
            let metadata = try await room.metadata()
            #expect(metadata["title"] == "New" && metadata["slowModeSeconds"] == 7 && metadata["isLive"] == true)
            #expect(metadata["hostId"] == .string(ann.user.id) && metadata["username"] == "ann")
            #expect(metadata["chatDelaySeconds"] == 3 && metadata["displayName"] == "Ann")
        }
    }

    @Test func `a room that somebody opens by joining gets its metadata`() async throws {
        try await withServer { server in
            let ann = try await server.host("ann", title: "Later")
            let room = server.room(of: ann)
            try await room.enter("guest-1-a")
            try await eventually("metadata") { try await room.metadata()["title"] == "Later" }
            try await room.enter("guest-2-b")
            try await eventually("both are counted") { try await Self.status(server, ann)["viewerCount"] == 2 }
        }
    }
}
