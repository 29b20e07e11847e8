#if PostgreSQL
    import CPQ
    import Foundation
    import NIOCore
    import NIOPosix
    import Synchronization

    /// PostgreSQL through libpq: some threads, each with one connection while it runs a transaction.
    ///
    /// A broken connection is thrown away and its transaction's error returned; the next transaction opens a new one.
    package final class PostgreSQLDatabase: SQLDatabase {
        private let threads: NIOThreadPool
        private let idle = Mutex<[Connection]>([])
        private let address: String

        package var dialect: SQLDialect { .postgreSQL }

        /// - Parameter address: a connection URI or string as libpq takes it.
        package init(address: String, connections: Int = 8) async throws {
            self.address = address
            threads = NIOThreadPool(numberOfThreads: connections)
            threads.start()
            try await read { _ in }
        }

        package func read<Value: Sendable>(
            _ body: @escaping @Sendable (any SQLConnection) throws -> Value
        ) async throws -> Value {
            try await transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", body)
        }

        @discardableResult
        package func write<Value: Sendable>(
            _ body: @escaping @Sendable (any SQLConnection) throws -> Value
        ) async throws -> Value {
            try await transaction("BEGIN", body)
        }

        package func close() async {
            idle.withLock { $0.removeAll() }
            try? await threads.shutdownGracefully()
        }

        private func transaction<Value: Sendable>(
            _ begin: String, _ body: @escaping @Sendable (any SQLConnection) throws -> Value
        ) async throws -> Value {
            try await threads.runIfActive { [self] in
                let connection = try idle.withLock { $0.popLast() } ?? Connection(address)
                do {
                    try connection.execute(begin)
                    let value = try body(connection)
                    try connection.execute("COMMIT")
                    idle.withLock { $0.append(connection) }
                    return value
                } catch {
                    if connection.isUsable, (try? connection.execute("ROLLBACK")) != nil {
                        idle.withLock { $0.append(connection) }
                    }
                    throw error
                }
            }
        }

        /// One connection. Used by one thread at a time: whoever took it out of `idle`.
        private final class Connection: SQLConnection, @unchecked Sendable {
            private let handle: OpaquePointer
            /// Names of prepared statements by their text.
            private var prepared: [String: String] = [:]

            var dialect: SQLDialect { .postgreSQL }
            var isUsable: Bool { PQstatus(handle) == CONNECTION_OK }

            init(_ address: String) throws(SQLError) {
                handle = PQconnectdb(address)
                guard PQstatus(handle) == CONNECTION_OK else {
                    let reason = String(cString: PQerrorMessage(handle))
                    PQfinish(handle)
                    throw .unavailable(reason.trimmingCharacters(in: .whitespacesAndNewlines))
                }
                // Notices ("relation exists, skipping") are nobody's business.
                PQsetNoticeProcessor(handle, { _, _ in }, nil)
            }

            deinit { PQfinish(handle) }

            func execute(_ sql: String) throws(SQLError) {
                try rows(PQexec(handle, sql))
            }

            func run(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] {
                let name: String
                if let known = prepared[sql] {
                    name = known
                } else {
                    name = "s\(prepared.count)"
                    try rows(PQprepare(handle, name, Self.numbered(sql), 0, nil))
                    prepared[sql] = name
                }
                let parameters = Parameters(values)
                return try rows(
                    PQexecPrepared(
                        handle, name, Int32(values.count), parameters.pointers, parameters.lengths, parameters.formats,
                        0))
            }

            /// `?1` as PostgreSQL writes it: `$1`. Our statements hold no other question mark.
            private static func numbered(_ sql: String) -> String {
                String(sql.map { $0 == "?" ? "$" : $0 })
            }

            @discardableResult
            private func rows(_ result: OpaquePointer?) throws(SQLError) -> [SQLRow] {
                defer { PQclear(result) }
                switch PQresultStatus(result) {
                case PGRES_COMMAND_OK: return []
                case PGRES_TUPLES_OK: return try Self.rows(of: result!)
                default: throw failure(result)
                }
            }

            private static func rows(of result: OpaquePointer) throws(SQLError) -> [SQLRow] {
                let count = PQnfields(result)
                var columns: [String: Int] = [:]
                for index in 0..<count { columns[String(cString: PQfname(result, index))] = Int(index) }
                let types = (0..<count).map { PQftype(result, $0) }
                var rows: [SQLRow] = []
                rows.reserveCapacity(Int(PQntuples(result)))
                for row in 0..<PQntuples(result) {
                    var values: [SQLValue] = []
                    for column in 0..<count {
                        guard PQgetisnull(result, row, column) == 0 else {
                            values.append(.null)
                            continue
                        }
                        values.append(try value(PQgetvalue(result, row, column), type: types[Int(column)]))
                    }
                    rows.append(SQLRow(columns: columns, values: values))
                }
                return rows
            }

            /// - Parameter type: the type's number in PostgreSQL's pg_type.
            private static func value(_ text: UnsafeMutablePointer<CChar>, type: Oid) throws(SQLError) -> SQLValue {
                let string = String(cString: text)
                switch type {
                case 16: return .bool(string == "t")
                case 20, 21, 23:
                    guard let int = Int64(string) else { throw .other(code: "22000", "not a number") }
                    return .int(int)
                case 700, 701, 1700:
                    guard let real = Double(string) else { throw .other(code: "22000", "not a number") }
                    return .real(real)
                case 17:
                    var length = 0
                    let bytes = PQunescapeBytea(UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self), &length)
                    defer { PQfreemem(bytes) }
                    return .blob(Array(UnsafeBufferPointer(start: bytes, count: length)))
                default: return .text(string)
                }
            }

            private func failure(_ result: OpaquePointer?) -> SQLError {
                let text = String(cString: PQresultErrorMessage(result)).trimmingCharacters(in: .whitespacesAndNewlines)
                guard isUsable, let state = cpq_result_state(result).map({ String(cString: $0) }) else {
                    return .unavailable(text.isEmpty ? String(cString: PQerrorMessage(handle)) : text)
                }
                switch state {
                case "23505": return .notUnique(text)
                case "23503": return .foreignKey(text)
                default: return .other(code: state, text)
                }
            }
        }

        /// Values as libpq takes them: pointers, lengths and formats; texts end in a zero, blobs are binary.
        private final class Parameters {
            private(set) var pointers: [UnsafePointer<CChar>?] = []
            private(set) var lengths: [Int32] = []
            private(set) var formats: [Int32] = []

            init(_ values: [SQLValue]) {
                for value in values {
                    switch value {
                    case .null: add(nil, length: 0, format: 0)
                    case .int(let int): add(strdup(String(int)), length: 0, format: 0)
                    case .real(let real): add(strdup(String(real)), length: 0, format: 0)
                    case .text(let text): add(strdup(text), length: 0, format: 0)
                    case .bool(let bool): add(strdup(bool ? "t" : "f"), length: 0, format: 0)
                    case .blob(let bytes):
                        let copy = malloc(max(1, bytes.count))!
                        copy.copyMemory(from: bytes, byteCount: bytes.count)
                        add(copy.assumingMemoryBound(to: CChar.self), length: Int32(bytes.count), format: 1)
                    }
                }
            }

            deinit {
                for pointer in pointers { free(UnsafeMutablePointer(mutating: pointer)) }
            }

            private func add(_ pointer: UnsafeMutablePointer<CChar>?, length: Int32, format: Int32) {
                pointers.append(UnsafePointer(pointer))
                lengths.append(length)
                formats.append(format)
            }
        }
    }
#endif
