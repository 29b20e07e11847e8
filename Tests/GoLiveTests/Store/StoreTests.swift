import Testing

@testable import GoLive

@Suite struct StoreTests {
    @Test(arguments: TestDatabase.allCases)
    func `the tables are made once and found again`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            try await Schema.migrate(store.database)
            let steps = try await store.read { try $0.run("SELECT name FROM schema_steps ORDER BY name") }
            #expect(try steps.map { try $0.text("name") } == Schema.steps.map(\.name))
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `every kind of value comes back as it went in`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let blob: [UInt8] = [0, 1, 255, 0x5C, 0x27]
            let type = kind == .sqlite ? "BLOB" : "BYTEA"
            try await store.write { connection in
                try connection.run(
                    "CREATE TABLE v (t TEXT, i BIGINT, r DOUBLE PRECISION, b BOOLEAN, x \(type), n TEXT)")
                try connection.run(
                    "INSERT INTO v VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    ["it's — ünïcode", .int(.max), .real(-0.5), true, .blob(blob), .null])
            }
            let row = try #require(try await store.read { try $0.run("SELECT * FROM v") }.first)
            #expect(try row.text("t") == "it's — ünïcode")
            #expect(try row.int("i") == .max)
            #expect(try row.real("r") == -0.5)
            #expect(try row.bool("b"))
            #expect(try row.blob("x") == blob)
            #expect(try row.optionalText("n") == nil)
            #expect(throws: SQLError.column("missing")) { try row.text("missing") }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a transaction that throws changes nothing, and errors say their kind`(kind: TestDatabase) async throws {
        struct Stop: Error {}
        try await withStore(kind) { store in
            await #expect(throws: Stop.self) {
                try await store.write { connection in
                    try connection.run("INSERT INTO schema_steps VALUES ('half', 1)")
                    throw Stop()
                }
            }
            let half = try await store.read { try $0.run("SELECT 1 FROM schema_steps WHERE name = 'half'") }
            #expect(half.isEmpty)
            let twice = await Self.failure(
                store, "INSERT INTO schema_steps VALUES (?1, 1)", [.text(Schema.steps[0].name)])
            guard case .notUnique = twice else {
                Issue.record("a key was taken twice: \(String(describing: twice))")
                return
            }
            let orphan = await Self.failure(store, "INSERT INTO follows VALUES ('nobody', 'no one', 1)", [])
            guard case .foreignKey = orphan else {
                Issue.record("a row names one that is not there: \(String(describing: orphan))")
                return
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a write that returned is on the disk, and foreign keys hold`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            switch kind {
            case .sqlite:
                let settings = try await store.write { connection in
                    try ["journal_mode", "synchronous", "foreign_keys"].map {
                        try connection.run("PRAGMA \($0)").first?[$0]
                    }
                }
                // 2: the log is flushed with every commit (https://sqlite.org/pragma.html#pragma_synchronous).
                #expect(settings == [.text("wal"), .int(2), .int(1)])
            #if PostgreSQL
                case .postgreSQL:
                    let setting = try await store.read { try $0.run("SHOW synchronous_commit").first }
                    #expect(try setting?.text("synchronous_commit") == "on")
            #endif
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `what was written is there after the store was closed and opened again`(kind: TestDatabase) async throws {
        try await withFolder { folder in
            let address = try await kind.address(in: folder)
            let first = try await Store(address: address)
            let user = try await first.addUser("ada")
            await first.close()
            let second = try await Store(address: address)
            #expect(try await second.user(username: "ADA") == user)
            await second.close()
        }
    }

    @Test func `an address of no database says what one is`() async {
        for address in ["", "mysql://x", "/tmp/x.db"] {
            await #expect(throws: SQLError.self) { _ = try await Store(address: address) }
        }
    }

    static func failure(_ store: Store, _ sql: String, _ values: [SQLValue]) async -> SQLError? {
        do {
            try await store.write { try $0.run(sql, values) }
            return nil
        } catch {
            return error as? SQLError
        }
    }
}
