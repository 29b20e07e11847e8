import Testing

@testable import GoLive

@Suite struct SearchStoreTests {
    @Test(arguments: TestDatabase.allCases)
    func `names, titles and descriptions are found without case and accents, the last word begun`(
        kind: TestDatabase
    ) async throws {
        try await withStore(kind) { store in
            let zoe = try await Self.host(store, "night_owl", "Zoë Électra", "Café jazz at 东京", "Vinyl & ☕️ till late")
            let bob = try await Self.host(store, "bob", "Bob", "Jazz guitar", "Straßenmusik")
            for (query, found) in [
                ("zoe", [zoe]), ("ZOË", [zoe]), ("electra", [zoe]), ("élec", [zoe]), ("cafe", [zoe]), ("CAFÉ", [zoe]),
                ("caf", [zoe]), ("afe", []), ("jazz", [zoe, bob]), ("jazz guit", [bob]), ("guit jazz", []),
                ("guitar jazz", [bob]), ("night_owl", [zoe]), ("owl", [zoe]), ("strassen", [bob]),
                ("STRASSENMUSIK", [bob]),
                ("东京", [zoe]), ("京", [zoe]), ("☕", [zoe]), ("vinyl jazz zoe lat", [zoe]), ("nothing", []),
            ] {
                #expect(try await Self.search(store, query).sorted() == found.sorted(), "\(query)")
            }
        }
    }

    static let hostile = [
        "\"", "'", "*", "\"\"\"", "jazz\"", "jazz*", "*jazz", "NEAR(jazz guitar)", "jazz NEAR guitar", "jazz OR bob",
        "jazz AND", "NOT jazz", "document:jazz", "{document}: jazz", "^jazz", "jazz -guitar", "'; DROP TABLE users; --",
        "jazz & !guitar", "jazz <-> guitar", "jazz:*", "jazz\\", "(((", "%", "_", "?1", "$1", "🎸", "\u{301}", "é",
        "\u{200B}",
    ]

    @Test(arguments: TestDatabase.allCases)
    func `whatever is typed is text and never query syntax`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let texts =
                Self.hostile
                + (0..<100 as Range<UInt64>).map { seed in
                    var random = SeededGenerator(seed: seed)
                    return String.random(length: 100, using: &random)
                }
            for (number, text) in texts.enumerated() {
                let host = try await Self.host(store, "user\(number)", "Name", text, "about")
                let found = try await Self.search(store, text)
                // A stream is found by its own title, unless nothing in it is a word.
                #expect(found.contains(host) == !SearchText.words(text).isEmpty, "\(text)")
            }
            // OR is a word like any other.
            try await Self.host(store, "bob", "Bob", "jazz", "")
            #expect(try await Self.search(store, "nothing OR jazz").isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `search follows every change, and forgets who is gone`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let host = try await Self.host(store, "ann", "Ann", "First title", "")
            try await store.write { connection in
                try connection.run("UPDATE streams SET title = 'Second' WHERE user_id = ?1", [.text(host)])
                try connection.run("UPDATE users SET display_name = 'Anna Bell' WHERE id = ?1", [.text(host)])
                try connection.indexForSearch(userID: host)
            }
            #expect(try await Self.search(store, "first").isEmpty)
            #expect(try await Self.search(store, "second") == [host])
            #expect(try await Self.search(store, "bell") == [host])
            try await store.write { try $0.run("DELETE FROM users WHERE id = ?1", [.text(host)]) }
            #expect(try await Self.search(store, "second").isEmpty)
            let rows = try await store.read { try $0.run("SELECT user_id FROM search") }
            #expect(rows.isEmpty)
            let lurker = try await store.addUser("lurker")
            try await store.write { try $0.indexForSearch(userID: lurker.id) }
            #expect(try await Self.search(store, "lurker").isEmpty)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `live ones come first, then the one of that name, then the most followed`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let popular = try await Self.host(store, "popular", "P", "chess", "")
            let named = try await Self.host(store, "Chess", "C", "something else", "")
            let live = try await Self.host(store, "live", "L", "chess club", "")
            let watched = try await Self.host(store, "watched", "W", "chess live", "")
            try await store.write { try $0.follow(popular, by: named, at: 1, most: 10) }
            let query = try #require(SearchQuery("chess"))
            for limit in 1...4 {
                let found = try await pages(store, .search(query), nil, [live: 0, watched: 7], limit)
                #expect(found == [watched, live, named, popular])
            }
            try await store.write { try $0.block(named, by: popular, at: 1, most: 10) }
            #expect(try await pages(store, .search(query), named, [:], 9).contains(popular) == false)
            #expect(try await pages(store, .search(query), popular, [:], 9).contains(named) == false)
        }
    }

    /// - Returns: the host's id.
    @discardableResult
    static func host(
        _ store: Store, _ username: String, _ name: String, _ title: String, _ description: String
    ) async throws -> String {
        let user = try await store.addUser(username)
        try await store.addStream(of: user, title: title)
        try await store.write { connection in
            try connection.run(
                "UPDATE users SET display_name = ?1 WHERE id = ?2", [.text(name), .text(user.id)])
            try connection.run(
                "UPDATE streams SET description = ?1 WHERE user_id = ?2", [.text(description), .text(user.id)])
            try connection.indexForSearch(userID: user.id)
        }
        return user.id
    }

    static func search(_ store: Store, _ text: String) async throws -> [String] {
        guard let query = SearchQuery(text) else { return [] }
        return try await pages(store, .search(query), nil, [:], 50)
    }
}
