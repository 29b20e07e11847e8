/// Everything that outlives the process. What can be asked of it stands beside what it is about: `Store+Users.swift` in
/// Accounts, `Store+Streams.swift` in Streams, and so on.
package struct Store: Sendable {
    package let database: any SQLDatabase

    /// Opens what the address names and brings its tables up to date.
    ///
    /// - Parameter address: `sqlite:PATH`, or `postgres://…` when built with the PostgreSQL trait.
    package init(address: String) async throws {
        try await self.init(database: Self.open(address))
    }

    /// Brings the database's tables up to date.
    init(database: any SQLDatabase) async throws {
        self.database = database
        try await Schema.migrate(database)
    }

    private static func open(_ address: String) async throws -> any SQLDatabase {
        if address.hasPrefix("sqlite:") {
            return try SQLiteDatabase(path: String(address.dropFirst("sqlite:".count)))
        }
        #if PostgreSQL
            if address.hasPrefix("postgres://") || address.hasPrefix("postgresql://") {
                return try await PostgreSQLDatabase(address: address)
            }
            throw SQLError.unavailable("a database is sqlite:PATH or postgres://…")
        #else
            throw SQLError.unavailable(
                "a database is sqlite:PATH; for PostgreSQL, build with `swift build --traits PostgreSQL`")
        #endif
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await database.read(body)
    }

    @discardableResult
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await database.write(body)
    }

    package func close() async { await database.close() }
}
