import NIOHTTP1
import Testing

@testable import GoLive

@Suite struct RelationRoutesTests {
    @Test func `following shows in the profile and in the list of followers, once`() async throws {
        try await withServer { server in
            let host = try await server.creator("Host")
            let fan = try await server.person("fan")
            try await server.store.addStream(of: host.user, title: "My stream")
            for _ in 0..<2 {
                let answer = try await server.ask(.PUT, "/api/users/host/follow", token: fan.token)
                #expect(answer.status == 200)
                #expect(answer.data["isFollowing"].bool == true)
                #expect(answer.data["followerCount"].integer == 1)
            }
            let seen = try await server.ask(.GET, "/api/users/HOST", token: fan.token).data
            #expect(seen["isFollowing"].bool == true && seen["isBlocked"].bool == false)
            #expect(seen["username"].string == "Host")
            #expect(seen["followerCount"].integer == 1)
            #expect(seen["isLive"].bool == false && seen["phase"].string == "offline")
            #expect(seen["stream"]["title"].string == "My stream")
            #expect(seen["stream"]["thumbnail"] == .null)
            #expect(try await server.ask(.GET, "/api/users/host").data["isFollowing"].bool == false)
            #expect(try await server.ask(.GET, "/api/users/fan").data["stream"] == .null)

            let followers = try await server.ask(.GET, "/api/stream/followers", token: host.token).data["items"]
            #expect(followers.array.map { $0["user"]["username"].string } == ["fan"])
            for _ in 0..<2 {
                let answer = try await server.ask(.DELETE, "/api/users/host/follow", token: fan.token)
                #expect(answer.data["isFollowing"].bool == false)
                #expect(answer.data["followerCount"].integer == 0)
            }
        }
    }

    @Test(arguments: ["follow", "block"])
    func `nobody does it to themselves, to nobody, or without signing in`(what: String) async throws {
        try await withServer { server in
            let user = try await server.person("someone")
            for method in [HTTPMethod.PUT, .DELETE] {
                let myself = try await server.ask(method, "/api/users/Someone/\(what)", token: user.token)
                #expect(myself.status == 400 && myself.code == "self")
                let nobody = try await server.ask(method, "/api/users/nobody/\(what)", token: user.token)
                #expect(nobody.status == 404 && nobody.code == "user_not_found")
                let stranger = try await server.ask(method, "/api/users/someone/\(what)")
                #expect(stranger.status == 401 && stranger.code == "unauthenticated")
            }
            #expect(try await server.ask(.GET, "/api/users/nobody").code == "user_not_found")
        }
    }

    @Test func `to the blocked one the host is not there, and may still be blocked in return`() async throws {
        try await withServer { server in
            let host = try await server.creator("host")
            let foe = try await server.person("foe")
            try await server.store.addStream(of: host.user, title: "Chess")
            try await server.store.write { try $0.indexForSearch(userID: host.user.id) }
            _ = try await server.ask(.PUT, "/api/users/host/follow", token: foe.token)
            let block = try await server.ask(.PUT, "/api/users/foe/block", token: host.token)
            #expect(block.data["isBlocked"].bool == true)

            let missing = try await server.ask(.PUT, "/api/users/nobody/follow", token: foe.token)
            let follow = try await server.ask(.PUT, "/api/users/host/follow", token: foe.token)
            #expect(follow.status == missing.status && follow.json == missing.json)
            #expect(try await server.ask(.GET, "/api/users/host", token: foe.token).code == "user_not_found")
            for list in ["following", "recommended", "search?q=chess"] {
                let found = try await server.ask(.GET, "/api/viewer/\(list)", token: foe.token)
                #expect(found.status == 200 && found.data["items"].array.isEmpty, "\(list)")
            }
            #expect(try await server.ask(.GET, "/api/viewer/search?q=chess").data["items"].array.count == 1)

            let seen = try await server.ask(.GET, "/api/users/foe", token: host.token).data
            #expect(seen["isBlocked"].bool == true)
            let blocked = try await server.ask(.GET, "/api/stream/blocked", token: host.token).data["items"]
            #expect(blocked.array.map { $0["user"]["username"].string } == ["foe"])
            #expect(try await server.ask(.PUT, "/api/users/foe/follow", token: host.token).code == "unblock_first")
            #expect(try await server.ask(.PUT, "/api/users/host/block", token: foe.token).status == 200)
            #expect(try await server.ask(.DELETE, "/api/users/host/block", token: foe.token).status == 200)

            let unblock = try await server.ask(.DELETE, "/api/users/foe/block", token: host.token)
            #expect(unblock.data["isBlocked"].bool == false)
            #expect(try await server.ask(.PUT, "/api/users/host/follow", token: foe.token).status == 200)
        }
    }
}
