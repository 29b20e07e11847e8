import Foundation
import NIOHTTP1
import Relay
import Signal
import Testing

@testable import GoLive

@Suite struct WebhookRoutesTests {
    static let path = "/api/admin/webhooks/deliveries"

    /// A server whose one receiver is the server itself: it knows no such address, and so refuses.
    func withWebhooks(
        before: @escaping @Sendable (Store, _ receiver: String) async throws -> Void = { _, _ in },
        _ body: @escaping @Sendable (TestServer, TestPerson) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            var settings = ApplicationSettings()
            settings.database = "sqlite:" + folder.appending(path: "golive.db").path
            settings.limitsRequests = false
            let made = settings
            // A server of the test's own that is there to receive.
            try await withServer { target in
                let receiver = target.url + "/secret-path"
                let store = try await Store(address: made.database)
                try await before(store, receiver)
                await store.close()
                try await withServer(settings: made, webhooks: [receiver]) { server in
                    try await body(server, try await server.person("root", role: .admin))
                }
            }
        }
    }

    func eventually(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { try await Task.sleep(for: .milliseconds(10)) }
    }

    @Test func `administrators see what became of an event, without the receiver's secrets`() async throws {
        try await withWebhooks { server, admin in
            _ = try await server.server.relay.createRoom(RoomRequest(name: "r"))
            try await eventually {
                try await server.ask(.GET, Self.path + "?state=refused", token: admin.token).data["items"].array.count
                    == 1
            }
            let answer = try await server.ask(.GET, Self.path, token: admin.token)
            let item = answer.data["items"][0]
            #expect(item["event"].string == "room_started" && item["state"].string == "refused")
            #expect(item["attempts"].integer == 1 && item["lastOutcome"].string?.hasPrefix("status 40") == true)
            #expect(item["receiver"].string?.hasPrefix("127.0.0.1:") == true)
            #expect(!String(decoding: answer.bytes, as: UTF8.self).contains("secret-path"))
        }
    }

    @Test func `a delivery is made again when an administrator asks`() async throws {
        try await withWebhooks { server, admin in
            _ = try await server.server.relay.createRoom(RoomRequest(name: "r"))
            func item() async throws -> JSONValue {
                try await server.ask(.GET, Self.path + "?state=refused", token: admin.token).data["items"][0]
            }
            try await eventually { try await item()["attempts"].integer == 1 }
            let number = try #require(try await item()["number"].integer)
            let answer = try await server.ask(.POST, Self.path + "/\(number)/retry", token: admin.token)
            #expect(answer.status == 200 && answer.data["state"].string == "waiting")
            try await eventually { try await item()["attempts"].integer == 2 }
        }
    }

    @Test func `what was waiting when the server stopped goes on after a restart`() async throws {
        try await withWebhooks { store, receiver in
            try await store.write { connection in
                let now = WallClock.now()
                try connection.record(WebhookLogTests.delivery("EV_young", to: receiver, at: now))
                try connection.record(WebhookLogTests.delivery("EV_old", to: receiver, at: now - 3_700_000))
                try connection.record(WebhookLogTests.delivery("EV_gone", to: "http://gone.example", at: now))
            }
        } _: { server, admin in
            func states(_ state: String) async throws -> [String?] {
                try await server.ask(.GET, Self.path + "?state=\(state)", token: admin.token).data["items"].array
                    .map { $0["eventId"].string }
            }
            try await eventually { try await states("waiting").isEmpty }
            #expect(try await states("refused") == ["EV_young"])
            #expect(try await states("given_up") == ["EV_gone", "EV_old"])
            let items = try await server.ask(.GET, Self.path + "?state=given_up&limit=1", token: admin.token).data
            #expect(items["items"].array.count == 1 && items["nextCursor"].string != nil)
            let number = try #require(items["items"][0]["number"].integer)
            let answer = try await server.ask(.POST, Self.path + "/\(number)/retry", token: admin.token)
            #expect(answer.code == "receiver_gone")
        }
    }

    @Test func `only administrators may look or ask, and only for what is there`() async throws {
        try await withServer { server in
            let user = try await server.person("somebody")
            let admin = try await server.person("root", role: .admin)
            #expect(try await server.ask(.GET, Self.path).code == "unauthenticated")
            #expect(try await server.ask(.GET, Self.path, token: user.token).code == "not_admin")
            #expect(try await server.ask(.POST, Self.path + "/1/retry", token: user.token).code == "not_admin")
            #expect(
                try await server.ask(.POST, Self.path + "/1/retry", token: admin.token).code == "delivery_not_found")
            #expect(
                try await server.ask(.POST, Self.path + "/x/retry", token: admin.token).code == "delivery_not_found")
            #expect(try await server.ask(.GET, Self.path + "?state=lost", token: admin.token).code == "invalid_query")
            #expect(try await server.ask(.GET, Self.path + "?cursor=!", token: admin.token).code == "invalid_cursor")
        }
    }
}
