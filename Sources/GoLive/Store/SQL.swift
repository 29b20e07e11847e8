/// A value that goes into or comes out of a database.
package enum SQLValue: Sendable, Hashable {
    case null
    case int(Int64)
    case real(Double)
    case text(String)
    case bool(Bool)
    case blob([UInt8])
}

extension SQLValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(_ text: String?) { self = text.map(Self.text) ?? .null }
    package init(_ int: Int64?) { self = int.map(Self.int) ?? .null }
    package init(_ int: Int) { self = .int(Int64(int)) }
}

/// One row of an answer. Asking for a column that is not there, or that holds another type, throws.
package struct SQLRow: Sendable {
    /// Places by column name; shared by the rows of one answer.
    let columns: [String: Int]
    let values: [SQLValue]

    package subscript(_ name: String) -> SQLValue? { columns[name].map { values[$0] } }

    package func optionalText(_ name: String) throws(SQLError) -> String? {
        switch self[name] {
        case .text(let text): text
        case .null: nil
        default: throw .column(name)
        }
    }

    package func text(_ name: String) throws(SQLError) -> String {
        guard let text = try optionalText(name) else { throw .column(name) }
        return text
    }

    package func optionalInt(_ name: String) throws(SQLError) -> Int64? {
        switch self[name] {
        case .int(let int): int
        case .real(let real): Int64(exactly: real.rounded())
        case .null: nil
        default: throw .column(name)
        }
    }

    package func int(_ name: String) throws(SQLError) -> Int64 {
        guard let int = try optionalInt(name) else { throw .column(name) }
        return int
    }

    package func real(_ name: String) throws(SQLError) -> Double {
        switch self[name] {
        case .real(let real): real
        case .int(let int): Double(int)
        default: throw .column(name)
        }
    }

    /// SQLite keeps truth as 0 and 1.
    package func bool(_ name: String) throws(SQLError) -> Bool {
        switch self[name] {
        case .bool(let bool): bool
        case .int(let int): int != 0
        default: throw .column(name)
        }
    }

    package func blob(_ name: String) throws(SQLError) -> [UInt8] {
        guard case .blob(let bytes) = self[name] else { throw .column(name) }
        return bytes
    }
}

/// What a database refused, by the kinds that callers tell apart.
package enum SQLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A unique or primary key is taken already.
    case notUnique(String)
    /// A row that another one names is not there, or is still named.
    case foreignKey(String)
    /// The database cannot be reached, or the connection to it broke.
    case unavailable(String)
    /// A row has no such column, or another type in it: a mistake of ours.
    case column(String)
    case other(code: String, String)

    package var description: String {
        switch self {
        case .notUnique(let text): "not unique: \(text)"
        case .foreignKey(let text): "foreign key: \(text)"
        case .unavailable(let text): "the database is not available: \(text)"
        case .column(let name): "no such column, or another type in it: \(name)"
        case .other(let code, let text): "\(code): \(text)"
        }
    }
}

/// The two languages in which a statement may have to differ.
package enum SQLDialect: Sendable {
    case sqlite, postgreSQL
}

/// Inside one transaction. Statements name their values `?1`, `?2`, … in both dialects.
package protocol SQLConnection {
    var dialect: SQLDialect { get }

    /// - Throws: `SQLError`.
    @discardableResult
    func run(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow]
}

extension SQLConnection {
    @discardableResult
    package func run(_ sql: String) throws -> [SQLRow] { try run(sql, []) }
}

/// A database: transactions that run off the event loops. One that throws changes nothing; one that returned from `write`
/// is on the disk.
package protocol SQLDatabase: Sendable {
    var dialect: SQLDialect { get }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value

    @discardableResult
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value

    func close() async
}
