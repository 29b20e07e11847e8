import Foundation
import NIOHTTP1
import Testing

@testable import GoLive
@testable import Relay

@Suite struct ChatRoutesTests {
    private func message(_ id: String, of identity: String, _ text: String) -> ChatMessage {
        ChatMessage(id: id, identity: identity, userID: nil, name: "Someone", text: text, sentAt: 1_766_000_000_000)
    }

    @Test func `late comers read what was said, newest first, and markup stays text`() async throws {
        try await withServer { server in
            let host = try await server.creator("host")
            try await server.store.addStream(of: host.user)
            let changes = (0..<5).map { ChatChange.add(message("m\($0)", of: "guest-1", "<b>\($0)</b>")) }
            _ = try await server.store.apply(
                changes + [.add(message("own", of: "Host-" + host.user.id, "mine"))], hostID: host.user.id, at: 0)
            let first = try await server.ask(.GET, "/api/chat/HOST/messages?limit=4")
            #expect(first.status == 200)
            #expect(first.data["items"].array.map { $0["id"].string } == ["own", "m4", "m3", "m2"])
            #expect(first.data["items"][0]["isHost"].bool == true)
            #expect(first.data["items"][1]["isHost"].bool == false)
            #expect(first.data["items"][1]["text"].string == "<b>4</b>")
            #expect(first.data["items"][1]["sentAt"].string == "2025-12-17T19:33:20.000Z")
            #expect(first.data["items"][1]["number"] == .null)
            let cursor = try #require(first.data["nextCursor"].string)
            let second = try await server.ask(.GET, "/api/chat/host/messages?limit=4&cursor=\(cursor)")
            #expect(second.data["items"].array.map { $0["id"].string } == ["m1", "m0"])
            #expect(second.data["nextCursor"] == .null)
            #expect(try await server.ask(.GET, "/api/chat/host/messages?cursor=x").code == "invalid_cursor")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a message bears its sender's username, and a guest's none`(kind: TestDatabase) async throws {
        try await withServer(kind) { server in
            let (host, bob) = (try await server.creator("host"), try await server.person("Bob"))
            try await server.store.addStream(of: host.user)
            var own = message("m1", of: bob.user.id, "hello")
            own.userID = bob.user.id
            _ = try await server.store.apply(
                [.add(own), .add(message("m2", of: "guest-1", "hi"))], hostID: host.user.id, at: 0)
            let answer = try await server.ask(.GET, "/api/chat/host/messages")
            guard case .object(let guest) = answer.data["items"][0] else { throw APIError.notFound }
            #expect(guest["username"] == JSONValue.null && guest["identity"] == "guest-1")
            #expect(answer.data["items"][1]["username"] == "Bob")
        }
    }

    @Test func `whom the host blocked reads nothing, as if nobody were there`() async throws {
        try await withServer { server in
            let (host, foe) = (try await server.creator("host"), try await server.person("foe"))
            try await server.store.write {
                try $0.run("INSERT INTO blocks VALUES (?1, ?2, 1)", [.text(host.user.id), .text(foe.user.id)])
            }
            let answer = try await server.ask(.GET, "/api/chat/host/messages", token: foe.token)
            let nobody = try await server.ask(.GET, "/api/chat/nobody/messages", token: foe.token)
            #expect(answer.status == 404 && answer.json == nobody.json)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `the host deletes a message for everyone, and nobody else does`(kind: TestDatabase) async throws {
        try await withServer(kind) { server in
            let (host, other) = (try await server.creator("host"), try await server.creator("other"))
            try await server.store.addStream(of: host.user)
            _ = try await server.store.apply(
                [.add(message("m 1", of: other.user.id, "hi"))], hostID: host.user.id, at: 0)
            let path = "/api/chat/messages/m%201"
            #expect(try await server.ask(.DELETE, path).code == "unauthenticated")
            let refused = try await server.ask(.DELETE, path, token: other.token)
            #expect(refused.status == 403 && refused.code == "not_host")
            #expect(try await server.ask(.DELETE, path, token: host.token).status == 200)
            #expect(try await server.ask(.GET, "/api/chat/host/messages").data["items"].array.isEmpty)
            let again = try await server.ask(.DELETE, path, token: host.token)
            #expect(again.status == 404 && again.code == "message_not_found")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `the host times people out and lifts it, applied at once`(kind: TestDatabase) async throws {
        try await withServer(kind) { server in
            let (host, other) = (try await server.creator("host"), try await server.creator("other"))
            try await server.store.addStream(of: host.user)
            let relay = server.server.relay
            _ = try await relay.join(
                JoinRequest(room: host.user.id, identity: "guest-1", permission: Permission(canPublishData: true)))
            let path = "/api/chat/host/timeouts/guest-1"
            let refused = try await server.ask(.PUT, path, ["seconds": 60], token: other.token)
            #expect(refused.status == 403 && refused.code == "not_host")
            #expect(try await server.ask(.PUT, path, ["seconds": 61], token: host.token).code == "invalid_body")
            #expect(try await server.ask(.PUT, path, [:], token: host.token).status == 400)
            let own = "/api/chat/host/timeouts/Host-" + host.user.id
            #expect(try await server.ask(.PUT, own, ["seconds": 60], token: host.token).code == "self")

            let set = try await server.ask(.PUT, path, ["seconds": 60], token: host.token)
            #expect(set.status == 200 && set.data["identity"].string == "guest-1" && set.data["until"].string != nil)
            #expect(try await relay.participant("guest-1", in: host.user.id).permission.canPublishData == false)
            let list = try await server.ask(.GET, "/api/chat/host/timeouts", token: host.token)
            #expect(list.data["items"].array.map { $0["identity"].string } == ["guest-1"])
            #expect(try await server.ask(.GET, "/api/chat/host/timeouts", token: other.token).code == "not_host")

            let lifted = try await server.ask(.PUT, path, ["seconds": 0], token: host.token)
            #expect(lifted.data["until"] == .null)
            #expect(try await relay.participant("guest-1", in: host.user.id).permission.canPublishData)
            #expect(
                try await server.ask(.GET, "/api/chat/host/timeouts", token: host.token).data["items"].array.isEmpty)
        }
    }

    @Test func `timeouts are read page by page`() async throws {
        try await withServer { server in
            let host = try await server.creator("host")
            let now = WallClock.now()
            for index in 0..<5 {
                _ = try await server.store.setChatTimeout(
                    "guest-\(index)", hostID: host.user.id, until: now + 600_000 + Int64(index / 2), limit: 10, at: now)
            }
            var names: [String] = []
            var query = "?limit=2"
            for _ in 0..<9 {
                let page = try await server.ask(.GET, "/api/chat/host/timeouts" + query, token: host.token)
                names += page.data["items"].array.compactMap { $0["identity"].string }
                guard let cursor = page.data["nextCursor"].string else { break }
                query = "?limit=2&cursor=\(cursor)"
            }
            #expect(names == ["guest-4", "guest-2", "guest-3", "guest-0", "guest-1"])
        }
    }
}
