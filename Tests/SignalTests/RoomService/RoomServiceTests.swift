import NIOHTTP1
import Foundation
import LiveKitProtocol
import SwiftProtobuf
import Testing

@testable import Signal

@Suite struct RoomServiceTests {
    static let path = "/twirp/livekit.RoomService/"
    static let json = [("content-type", "application/json")]

    func call(_ door: HTTPFixture, _ method: String, _ body: String, _ grant: Grant) async throws -> HTTPFixture.Answer
    {
        try await door.send(
            .POST, Self.path + method, token: try await door.token(grant), headers: Self.json, body: Array(body.utf8))
    }

    let creator = Grant(identity: "", roomCreate: true, roomList: true)
    let admin = Grant(identity: "", room: "r", roomAdmin: true)

    @Test func `a room is created, listed, changed and deleted, in JSON`() async throws {
        try await HTTPFixture.run { door in
            let created = try await call(door, "CreateRoom", #"{"name":"r","emptyTimeout":60,"unknown":1}"#, creator)
            #expect(created.status == 200)
            #expect(created.headers.first(name: "content-type") == "application/json")
            #expect(created.body.contains(#""name":"r""#))
            #expect(try await call(door, "ListRooms", "{}", creator).body.contains(#""name":"r""#))
            let changed = try await call(door, "UpdateRoomMetadata", #"{"room":"r","metadata":"new"}"#, admin)
            #expect(changed.body.contains(#""metadata":"new""#))
            #expect(try await call(door, "ListParticipants", #"{"room":"r"}"#, admin).status == 200)
            let sent = try await call(door, "SendData", #"{"room":"r","data":"aGk=","kind":"LOSSY"}"#, admin)
            #expect(sent.status == 200)
            #expect(try await call(door, "DeleteRoom", #"{"room":"r"}"#, creator).status == 200)
            #expect(try await call(door, "ListRooms", "{}", creator).body == "{}")
        }
    }

    @Test func `protobuf is answered with protobuf`() async throws {
        try await HTTPFixture.run { door in
            let request = LiveKit_CreateRoomRequest.with { $0.name = "r" }
            let answer = try await door.send(
                .POST, Self.path + "CreateRoom", token: try await door.token(creator),
                headers: [("content-type", "application/protobuf")], body: request.serializedBytes())
            #expect(answer.status == 200)
            #expect(answer.headers.first(name: "content-type") == "application/protobuf")
            #expect(try LiveKit_Room(serializedBytes: answer.bytes).name == "r")
        }
    }

    @Test(arguments: [
        "CreateRoom", "ListRooms", "DeleteRoom", "UpdateRoomMetadata", "ListParticipants", "GetParticipant",
        "RemoveParticipant", "UpdateParticipant", "MutePublishedTrack", "UpdateSubscriptions", "SendData",
    ])
    func `every method needs its permission, and a token`(method: String) async throws {
        try await HTTPFixture.run { door in
            let elsewhere = Grant(identity: "a", room: "other", roomJoin: true, roomAdmin: true)
            let body = #"{"room":"r","name":"r","identity":"bob"}"#
            let refusal = try await call(door, method, body, elsewhere)
            #expect(refusal.status == 403)
            #expect(refusal.body.contains(#""code":"permission_denied""#))
            let anonymous = try await door.send(
                .POST, Self.path + method, headers: Self.json, body: Array(body.utf8))
            #expect(anonymous.status == 401)
            #expect(anonymous.body.contains(#""code":"unauthenticated""#))
        }
    }

    @Test func `failures are Twirp's`() async throws {
        try await HTTPFixture.run { door in
            let missing = try await call(door, "GetParticipant", #"{"room":"r","identity":"x"}"#, admin)
            #expect(missing.status == 404 && missing.body.contains("not_found"))
            #expect(try await call(door, "Fly", "{}", admin).body.contains("bad_route"))
            #expect(try await call(door, "CreateRoom", "{", creator).body.contains("malformed"))
            #expect(try await call(door, "CreateRoom", "{}", creator).body.contains("invalid_argument"))
            let token = try await door.token(creator)
            let untyped = try await door.send(.POST, Self.path + "ListRooms", token: token, body: [])
            #expect(untyped.status == 404)
            let long = String(repeating: "x", count: 70_000)
            #expect(try await call(door, "CreateRoom", #"{"name":"\#(long)"}"#, creator).status == 400)
        }
    }

    @Test func `a removed participant's token no longer opens the room`() async throws {
        try await HTTPFixture.run { door in
            let token = try await door.token(door.joinGrant)
            #expect(try await door.send(.GET, "/rtc/validate", token: token).status == 200)
            _ = try await call(door, "RemoveParticipant", #"{"room":"r","identity":"bob"}"#, admin)
            #expect(try await door.send(.GET, "/rtc/validate", token: token).status == 403)
            let (_, head) = try await RawSocket.handshake(door, token: token)
            #expect(head.hasPrefix("HTTP/1.1 403"))
            let newer = try await door.tokens.issue(door.joinGrant, ttl: .seconds(60), at: AccessTokens.now() + 2)
            #expect(try await door.send(.GET, "/rtc/validate", token: newer).status == 200)
        }
    }
}
