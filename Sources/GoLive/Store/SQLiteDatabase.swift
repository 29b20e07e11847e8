import Foundation
import GRDB

/// The embedded database: one file in write-ahead mode, one writer and several readers at a time.
///
/// `synchronous=FULL` has the log on the disk before a write returns, so that losing power loses nothing that was
/// acknowledged (https://sqlite.org/pragma.html#pragma_synchronous).
package struct SQLiteDatabase: SQLDatabase {
    private let pool: DatabasePool

    package var dialect: SQLDialect { .sqlite }

    /// - Parameter path: the file; its folder is made when it is not there.
    package init(path: String) throws(SQLError) {
        var configuration = Configuration()
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(10)
        configuration.foreignKeysEnabled = true
        do {
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            pool = try DatabasePool(path: path, configuration: configuration)
            // The pool makes its one writer NORMAL, which may lose the last commits with the power.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous=FULL") }
        } catch {
            throw .unavailable("\(path): \(error)")
        }
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await pool.read { try body(Connection(database: $0)) }
    }

    @discardableResult
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await pool.write { try body(Connection(database: $0)) }
    }

    package func close() async {
        try? pool.close()
    }

    private struct Connection: SQLConnection {
        let database: Database

        var dialect: SQLDialect { .sqlite }

        func run(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] {
            do {
                let statement = try database.cachedStatement(sql: sql)
                try statement.setArguments(StatementArguments(values.map(\.databaseValue)))
                var columns: [String: Int] = [:]
                for (index, name) in statement.columnNames.enumerated() { columns[name] = index }
                return try Row.fetchAll(statement).map { row in
                    SQLRow(columns: columns, values: row.databaseValues.map(SQLValue.init))
                }
            } catch let error as DatabaseError {
                throw SQLError(error)
            }
        }
    }
}

extension SQLValue {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .int(let int): int.databaseValue
        case .real(let real): real.databaseValue
        case .text(let text): text.databaseValue
        case .bool(let bool): bool.databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        }
    }

    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let int): self = .int(int)
        case .double(let real): self = .real(real)
        case .string(let text): self = .text(text)
        case .blob(let bytes): self = .blob(Array(bytes))
        }
    }
}

extension SQLError {
    fileprivate init(_ error: DatabaseError) {
        let text = error.message ?? "\(error.resultCode)"
        switch error.extendedResultCode {
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY: self = .notUnique(text)
        case .SQLITE_CONSTRAINT_FOREIGNKEY: self = .foreignKey(text)
        default:
            switch error.resultCode {
            case .SQLITE_CANTOPEN, .SQLITE_BUSY, .SQLITE_IOERR, .SQLITE_FULL: self = .unavailable(text)
            default: self = .other(code: "\(error.extendedResultCode.rawValue)", text)
            }
        }
    }
}
