import Testing

@testable import GoLive

@Suite struct RelationsStoreTests {
    @Test(arguments: TestDatabase.allCases)
    func `following twice is following once, and keeps the first time`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let (host, fan) = (try await store.addUser("host"), try await store.addUser("fan"))
            try await store.write { connection in
                try connection.follow(host.id, by: fan.id, at: 1, most: 10)
                try connection.follow(host.id, by: fan.id, at: 2, most: 10)
                #expect(try connection.isFollowing(fan.id, host.id))
                #expect(try !connection.isFollowing(host.id, fan.id))
                #expect(try connection.followerCount(of: host.id) == 1)
                #expect(try connection.followers(of: host.id, after: nil, limit: 9).map(\.since) == [1])
                for _ in 0..<2 { try connection.unfollow(host.id, by: fan.id) }
                #expect(try connection.followerCount(of: host.id) == 0)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `where a block stands there is no follow and none begins`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let (host, foe) = (try await store.addUser("host"), try await store.addUser("foe"))
            try await store.write { connection in
                try connection.follow(host.id, by: foe.id, at: 1, most: 10)
                try connection.follow(foe.id, by: host.id, at: 1, most: 10)
                for _ in 0..<2 { try connection.block(foe.id, by: host.id, at: 2, most: 10) }
                #expect(try !connection.isFollowing(foe.id, host.id))
                #expect(try !connection.isFollowing(host.id, foe.id))
                #expect(try connection.isBlocked(foe.id, by: host.id))
                #expect(try !connection.isBlocked(host.id, by: foe.id))
                #expect(throws: APIError.userNotFound) { try connection.follow(host.id, by: foe.id, at: 3, most: 10) }
                #expect(throws: APIError.unblockFirst) { try connection.follow(foe.id, by: host.id, at: 3, most: 10) }
                #expect(try connection.blocks(since: 0, limit: 9).map(\.blockedID) == [foe.id])
                #expect(try connection.blocks(since: 3, limit: 9).isEmpty)
                for _ in 0..<2 { try connection.unblock(foe.id, by: host.id) }
                try connection.follow(host.id, by: foe.id, at: 4, most: 10)
                #expect(try connection.isFollowing(foe.id, host.id))
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `nobody follows or blocks more than the cap`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let eager = try await store.addUser("eager")
            let others = [try await store.addUser("a"), try await store.addUser("b"), try await store.addUser("c")]
            try await store.write { connection in
                for other in others.prefix(2) { try connection.follow(other.id, by: eager.id, at: 1, most: 2) }
                #expect(throws: APIError.tooManyFollows) {
                    try connection.follow(others[2].id, by: eager.id, at: 1, most: 2)
                }
                try connection.follow(others[0].id, by: eager.id, at: 1, most: 2)
                for other in others.prefix(2) { try connection.block(other.id, by: eager.id, at: 1, most: 2) }
                #expect(throws: APIError.tooManyBlocks) {
                    try connection.block(others[2].id, by: eager.id, at: 1, most: 2)
                }
                try connection.block(others[0].id, by: eager.id, at: 1, most: 2)
            }
        }
    }

    /// Both ways of meeting are tried many times: on PostgreSQL they run at the same time.
    @Test(arguments: TestDatabase.allCases)
    func `a follow and a block at the same moment leave the block and no follow`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let host = try await store.addUser("host")
            for round in 0..<20 {
                let foe = try await store.addUser("foe\(round)")
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try? await store.write { try $0.follow(host.id, by: foe.id, at: 1, most: 100) }
                    }
                    group.addTask {
                        try? await store.write { try $0.follow(foe.id, by: host.id, at: 1, most: 100) }
                    }
                    group.addTask {
                        _ = try? await store.write { try $0.block(foe.id, by: host.id, at: 1, most: 100) }
                    }
                }
                let (isBlocked, theirs, mine) = try await store.read {
                    (
                        try $0.isBlocked(foe.id, by: host.id), try $0.isFollowing(foe.id, host.id),
                        try $0.isFollowing(host.id, foe.id)
                    )
                }
                #expect(isBlocked && !theirs && !mine)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `lists of people are paged latest first, each person once`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let host = try await store.addUser("host")
            var wanted: [(Int64, String)] = []
            for number in 0..<9 {
                let fan = try await store.addUser("fan\(number)")
                // Three begin at the same time.
                let since = Int64(number / 3)
                try await store.write { try $0.follow(host.id, by: fan.id, at: since, most: 10) }
                wanted.append((-since, fan.id))
            }
            let order = wanted.sorted { $0 < $1 }.map(\.1)
            for limit in 1...10 {
                var seen: [String] = []
                var last: (since: Int64, id: String)?
                while true {
                    let after = last
                    let part = try await store.read { try $0.followers(of: host.id, after: after, limit: limit) }
                    seen += part.map(\.user.id)
                    guard let end = part.last else { break }
                    last = (end.since, end.user.id)
                }
                #expect(seen == order)
            }
        }
    }
}
