import Testing

@testable import GoLive

@Suite struct DiscoveryModelTests {
    /// Generated people, follows, blocks and live streams; every list of every viewer, in pages of a generated length.
    @Test(arguments: TestDatabase.allCases, [1, 2, 3, 4] as [UInt64])
    func `every list is what the model says, in pages, to everyone`(kind: TestDatabase, seed: UInt64) async throws {
        try await withStore(kind) { store in
            var random = SeededGenerator(seed: seed)
            var model = SocialModel()
            var people: [String] = []
            for number in 0..<14 {
                let user = try await store.addUser("user\(number)")
                people.append(user.id)
                guard Int.random(in: 0..<4, using: &random) > 0 else { continue }
                try await store.addStream(of: user)
                let host = SocialModel.Host(
                    id: user.id, updatedAt: .random(in: 1...4, using: &random),
                    seenAt: .random(in: 0...8, using: &random))
                try await add(host, to: store)
                model.hosts.append(host)
                if Bool.random(using: &random) { model.viewers[user.id] = Int.random(in: 0...2, using: &random) }
            }
            for _ in 0..<90 {
                let pair = people.shuffled(using: &random).prefix(2)
                try await change(store, &model, pair[pair.startIndex], pair[pair.startIndex + 1], &random)
            }
            for viewer in [nil] + people.map(Optional.some) {
                let limit = Int.random(in: 1...5, using: &random)
                let all = try await pages(store, .live, viewer, model.viewers, limit)
                #expect(all == model.live(for: viewer))
                let recommended = try await pages(store, .recommended, viewer, model.viewers, limit)
                #expect(recommended == model.recommended(for: viewer))
                guard let viewer else { continue }
                let following = try await pages(store, .following, viewer, model.viewers, limit)
                #expect(following == model.following(for: viewer))
            }
            for person in people {
                let count = try await store.read { try $0.followerCount(of: person) }
                #expect(count == model.followerCount(person))
            }
        }
    }

    /// Gives a user's stream its times: of its last change, and of two sessions, the later of which is not over.
    private func add(_ host: SocialModel.Host, to store: Store) async throws {
        try await store.write { connection in
            try connection.run(
                "UPDATE streams SET updated_at = ?1 WHERE user_id = ?2", [.int(host.updatedAt), .text(host.id)])
            guard host.seenAt > 0 else { return }
            for (number, end) in [SQLValue.int(host.seenAt - 1), .null].enumerated() {
                try connection.run(
                    """
                    INSERT INTO live_sessions (id, user_id, title, started_at, last_seen_at, ended_at, peak_viewers)
                    VALUES (?1, ?2, '', 0, ?3, ?4, 0)
                    """, [.text("\(host.id) \(number)"), .text(host.id), .int(host.seenAt), end])
            }
        }
    }

    private func change(
        _ store: Store, _ model: inout SocialModel, _ one: String, _ other: String, _ random: inout SeededGenerator
    ) async throws {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<7:
            let isAllowed = model.follow(other, by: one)
            do {
                try await store.write { try $0.follow(other, by: one, at: 1, most: 100) }
                #expect(isAllowed)
            } catch is APIError {
                #expect(!isAllowed)
            }
        case 7:
            model.follows.remove(SocialModel.Pair(from: one, to: other))
            try await store.write { try $0.unfollow(other, by: one) }
        case 8:
            model.block(other, by: one)
            try await store.write { try $0.block(other, by: one, at: 1, most: 100) }
        default:
            model.blocks.remove(SocialModel.Pair(from: one, to: other))
            try await store.write { try $0.unblock(other, by: one) }
        }
    }
}

/// The hosts of a whole list, read in pages.
func pages(
    _ store: Store, _ list: StreamList, _ viewer: String?, _ viewers: [String: Int], _ limit: Int
) async throws -> [String] {
    var hosts: [String] = []
    var place = FoundStream.Place.start
    while true {
        let after = place
        let part = try await store.read {
            try $0.streams(list, for: viewer, viewers: viewers, after: after, limit: limit)
        }
        hosts += part.map(\.hosted.host.id)
        guard let last = part.last else { return hosts }
        place = try FoundStream.Place(try Cursor(parsing: last.place.cursor.text, keys: 4))
    }
}
