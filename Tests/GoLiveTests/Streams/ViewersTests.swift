import NIOHTTP1
import Relay
import Signal
import Testing

@testable import GoLive

@Suite struct ViewersTests {
    static func grant(_ answer: TestServer.Answer, _ server: TestServer) async throws -> Grant {
        try await server.server.application.tokens.verify(answer.data["token"].string ?? "")
    }

    /// Laws 5, 6 and 7.
    @Test func `viewers and guests never publish, and are who they are`() async throws {
        try await withServer { server in
            let ann = try await server.host("ann")
            let bob = try await server.person("bob")
            for host in [ann.user.id, "ann", "ANN"] {
                let viewer = try await server.ask(
                    .POST, "/api/viewer/token", ["hostId": .string(host), "guestName": "x"], token: bob.token)
                #expect(viewer.status == 200)
                let grant = try await Self.grant(viewer, server)
                #expect(viewer.data["identity"] == .string(bob.user.id) && grant.identity == bob.user.id)
                #expect(viewer.data["name"] == "Bob" && grant.room == ann.user.id)
                #expect(grant.canPublish == false && grant.canSubscribe == true && grant.canPublishData == true)
                #expect(grant.attributes == ["role": "viewer", "username": "bob"])
            }
            let names: [JSONValue] = ["Zoë", "👩‍🚀 of the moon", .string(String(repeating: "y", count: 40))]
            var identities: Set<String> = []
            for name in names {
                let guest = try await server.ask(
                    .POST, "/api/viewer/token", ["hostId": .string(ann.user.id), "guestName": name])
                let grant = try await Self.grant(guest, server)
                #expect(guest.data["name"] == name && grant.identity.hasPrefix("guest-"))
                #expect(grant.canPublish == false && grant.attributes == ["role": "guest"])
                #expect(grant.permission.canPublish == false)
                identities.insert(grant.identity)
                #expect(try await GoingLiveTests.isAdmitted(guest.data["token"], server))
            }
            #expect(identities.count == names.count)
            #expect(try await server.room(of: ann).metadata()["phase"] == "offline")
            let own = try await server.ask(
                .POST, "/api/viewer/token", ["hostId": .string(ann.user.id)], token: ann.token)
            #expect(own.data["identity"] == .string("Host-\(ann.user.id)"))
            #expect(try await Self.grant(own, server).canPublish == false)
            let selfView = try await server.ask(.POST, "/api/stream/creator-token", token: ann.token)
            #expect(selfView.data["identity"] == .string("Host-\(ann.user.id)") && selfView.data["name"] == "Ann")
            let grant = try await Self.grant(selfView, server)
            #expect(grant.canPublish == false && grant.canPublishData == false && grant.canSubscribe == true)
        }
    }

    @Test func `no token for nobody's stream, nor with a name that is too long`() async throws {
        try await withServer { server in
            let bob = try await server.person("bob")
            for host: JSONValue in ["nobody", .string(bob.user.id)] {
                let answer = try await server.ask(.POST, "/api/viewer/token", ["hostId": host])
                #expect(answer.status == 404 && answer.code == "host_not_found")
            }
            let ann = try await server.host("ann")
            let long = try await server.ask(
                .POST, "/api/viewer/token",
                ["hostId": .string(ann.user.id), "guestName": .string(String(repeating: "y", count: 41))])
            #expect(long.status == 400)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `the watch page shows stream and host, and nothing to those who are blocked`(
        kind: TestDatabase
    ) async throws {
        try await withServer(kind) { server in
            let ann = try await server.host("ann", title: "Hello")
            let bob = try await server.person("bob")
            try await server.store.write { connection in
                try connection.run(
                    "INSERT INTO follows (follower_id, host_id, created_at) VALUES (?1, ?2, 1)",
                    [.text(bob.user.id), .text(ann.user.id)])
            }
            let page = try await server.ask(.GET, "/api/viewer/stream/Ann", token: bob.token)
            #expect(page.data["stream"]["title"] == "Hello" && page.data["host"]["username"] == "ann")
            #expect(page.data["host"]["followerCount"] == 1 && page.data["host"]["isFollowing"] == true)
            #expect(page.data["host"]["imageUrl"] == .null)
            let stranger = try await server.ask(.GET, "/api/viewer/stream/ann")
            #expect(stranger.data["host"]["isFollowing"] == false)
            let nobody = try await server.ask(.GET, "/api/viewer/stream/nobody?absent=null")
            #expect(nobody.status == 200 && nobody.data == .null)
            let idle = try await server.ask(.GET, "/api/viewer/stream/bob?absent=null")
            #expect(idle.data["stream"] == .null && idle.data["host"]["username"] == "bob")
            for name in ["nobody", "bob"] {
                let missing = try await server.ask(.GET, "/api/viewer/stream/\(name)")
                #expect(missing.status == 404 && missing.code == "stream_not_found")
            }
            try await server.store.write { connection in
                try connection.run(
                    "INSERT INTO blocks (host_id, blocked_id, created_at) VALUES (?1, ?2, 1)",
                    [.text(ann.user.id), .text(bob.user.id)])
            }
            #expect(try await server.ask(.GET, "/api/viewer/stream/ann", token: bob.token).code == "stream_not_found")
            let hidden = try await server.ask(.GET, "/api/viewer/stream/ann?absent=null", token: bob.token)
            #expect(hidden.status == 200 && hidden.data == .null)
            let refused = try await server.ask(
                .POST, "/api/viewer/token", ["hostId": "ann"], token: bob.token)
            #expect(refused.status == 403 && refused.code == "blocked")
        }
    }

    @Test func `who is let in again right after a removal gets a token that is good`() async throws {
        try await withServer { server in
            let ann = try await server.host("ann")
            let bob = try await server.person("bob")
            let old = try await server.ask(.POST, "/api/viewer/token", ["hostId": "ann"], token: bob.token)
            await server.server.application.revocations.revoke(bob.user.id, in: ann.user.id)
            #expect(try await !GoingLiveTests.isAdmitted(old.data["token"], server))
            let new = try await server.ask(.POST, "/api/viewer/token", ["hostId": "ann"], token: bob.token)
            #expect(try await GoingLiveTests.isAdmitted(new.data["token"], server))
        }
    }
}
