import Testing

@testable import GoLive

@Suite struct StreamStoreTests {
    @Test(arguments: TestDatabase.allCases)
    func `setting up creates one record, and changes exactly what was sent`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let ann = try await store.addUser("ann")
            let bob = try await store.addUser("bob")
            try await store.write {
                try $0.setUpStream(
                    of: bob.id, StreamChanges(title: "Bob's"), newID: "bob-stream", at: 1)
                try $0.setUpStream(
                    of: ann.id, StreamChanges(title: "One", description: "d", isChatEnabled: false), newID: "first",
                    at: 10)
                try $0.setUpStream(
                    of: ann.id, StreamChanges(title: "Two", slowModeSeconds: 5), newID: "never", at: 20)
            }
            let stream = try #require(try await store.stream(of: ann.id))
            #expect(stream.id == "first" && stream.title == "Two" && stream.description == "d")
            #expect(stream.chat == ChatSettings(isEnabled: false, slowModeSeconds: 5))
            #expect(stream.createdAt == 10 && stream.updatedAt == 20 && stream.phase == .offline)
            #expect(try await store.stream(of: bob.id)?.title == "Bob's")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `two who set up the same stream at once make one`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let ann = try await store.addUser("ann")
            try await withThrowingDiscardingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask {
                        try await store.write {
                            try $0.setUpStream(
                                of: ann.id, StreamChanges(title: "T\(number)"), newID: "id-\(number)", at: 1)
                        }
                    }
                }
            }
            let titles = try await store.read { try $0.titles(of: ann.id, before: nil, limit: 100) }
            #expect(Set(titles.map(\.title)).count == 20)
            #expect(try await store.stream(of: ann.id)?.title == titles.first?.title)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `the title history has one row a change, newest first, in pages`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let ann = try await store.addUser("ann")
            try await store.write { connection in
                for (time, title) in ["a", "a", "b", "b", "c", "a"].enumerated() {
                    try connection.setUpStream(
                        of: ann.id, StreamChanges(title: title), newID: "s", at: Int64(time))
                }
                try connection.changeStream(of: ann.id, StreamChanges(description: "new"), at: 9)
            }
            let first = try await store.read { try $0.titles(of: ann.id, before: nil, limit: 3) }
            #expect(first.map(\.title) == ["a", "c", "b"])
            #expect(first.map(\.changedAt) == [5, 4, 2])
            let rest = try await store.read { try $0.titles(of: ann.id, before: first[2].number, limit: 3) }
            #expect(rest.map(\.title) == ["a"])
            #expect(try await store.write { try $0.changeStream(of: "nobody", StreamChanges(), at: 1) } == false)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a picture is the one chosen, else the uploaded, else the one made while live`(kind: TestDatabase) async throws
    {
        try await withStore(kind) { store in
            let ann = try await store.addUser("ann")
            try await store.addStream(of: ann)
            func thumbnail() async throws -> String? { try await store.hostedStream(of: ann.id)?.thumbnail }
            #expect(try await thumbnail() == nil)
            for (kind, tag) in [("live", "11"), ("uploaded", "22")] {
                try await store.write {
                    try $0.run(
                        """
                        INSERT INTO thumbnails (user_id, kind, content_type, bytes, tag, updated_at)
                        VALUES (?1, ?2, 'image/webp', ?3, ?4, 1)
                        """, [.text(ann.id), .text(kind), .blob([1]), .text(tag)])
                }
                #expect(try await thumbnail() == "/api/thumbnails/\(ann.id)?v=\(tag)")
            }
            try await store.write {
                try $0.changeStream(of: ann.id, StreamChanges(thumbnail: .at("/mine.png")), at: 1)
            }
            #expect(try await thumbnail() == "/mine.png")
            try await store.write {
                try $0.changeStream(of: ann.id, StreamChanges(thumbnail: StreamChanges.Thumbnail.none), at: 1)
            }
            #expect(try await thumbnail() == "/api/thumbnails/\(ann.id)?v=22")
        }
    }
}
