import NIOHTTP1
import Relay
import Testing

@testable import Signal

@Suite struct DevelopmentTokensTests {
    @Test func `outside development nobody is given a token`() async throws {
        try await HTTPFixture.run { door in
            for path in ["/dev/token", "/dev/token?room=r&publish=true"] {
                let answer = try await door.send(.GET, path)
                #expect(answer.status == 404)
            }
        }
    }

    @Test func `a token opens the room that was asked for, and no more than was asked for`() async throws {
        try await HTTPFixture.run(isDevelopment: true) { door in
            let viewer = try await door.send(.GET, "/dev/token?room=a%20b")
            #expect(viewer.status == 200)
            #expect(viewer.headers.first(name: "cache-control") == "no-store")
            #expect(try await door.send(.GET, "/rtc/validate", token: viewer.body).body == "success")
            let watching = try await door.tokens.verify(viewer.body)
            #expect(watching.room == "a b")
            #expect(watching.permission.canSubscribe && !watching.permission.canPublish)
            #expect(!watching.roomAdmin && !watching.roomCreate && !watching.roomList)

            let creator = try await door.send(.GET, "/dev/token?publish=true")
            let publishing = try await door.tokens.verify(creator.body)
            #expect(publishing.room == "demo")
            #expect(publishing.permission.canPublish)
            #expect(publishing.identity != watching.identity)
        }
    }

    @Test(arguments: [(0, 400), (1, 200), (128, 200), (129, 400)])
    func `a room's name has 1 to 128 bytes`(length: Int, status: Int) async throws {
        try await HTTPFixture.run(isDevelopment: true) { door in
            let room = String(repeating: "r", count: length)
            let answer = try await door.send(.GET, "/dev/token?room=\(room)")
            #expect(answer.status == status)
        }
    }
}
