import Foundation
import Testing

@testable import GoLive

/// Where a test keeps its data: a file of its own in SQLite, or a schema of its own in the PostgreSQL that
/// `Scripts/with-postgresql` started.
enum TestDatabase: Sendable, CaseIterable, CustomTestStringConvertible {
    case sqlite
    #if PostgreSQL
        case postgreSQL
    #endif

    var testDescription: String { "\(self)" }

    /// An address that nothing was kept at before; SQLite's file goes with `folder`.
    func address(in folder: URL) async throws -> String {
        switch self {
        case .sqlite:
            return "sqlite:" + folder.appending(path: "golive.db").path
        #if PostgreSQL
            case .postgreSQL:
                guard let server = ProcessInfo.processInfo.environment["TEST_POSTGRESQL"] else {
                    throw SQLError.unavailable(
                        "TEST_POSTGRESQL is not set: run `make unit`, or Scripts/with-postgresql")
                }
                let schema = "t" + UUID().uuidString.lowercased().replacing("-", with: "")
                let database = try await PostgreSQLDatabase(address: server, connections: 1)
                try await database.write { try $0.run("CREATE SCHEMA \(schema)") }
                await database.close()
                return server + "?options=-csearch_path%3D\(schema)"
        #endif
        }
    }
}

/// A folder that is gone after `body`.
func withFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "golive-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}

/// A store with all tables and nothing in them.
func withStore<Value>(_ kind: TestDatabase, _ body: (Store) async throws -> Value) async throws -> Value {
    try await withFolder { folder in
        let store = try await Store(address: try await kind.address(in: folder))
        do {
            let value = try await body(store)
            await store.close()
            return value
        } catch {
            await store.close()
            throw error
        }
    }
}
