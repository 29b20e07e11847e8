import Logging
import Relay
import Signal
import Synchronization
import Testing

@testable import GoLive

/// A database that is not there at times.
final class FailingDatabase: SQLDatabase {
    private let database: any SQLDatabase
    private let isDown = Mutex(false)

    var dialect: SQLDialect { database.dialect }

    init(_ database: any SQLDatabase) {
        self.database = database
    }

    func fail(_ fails: Bool) { isDown.withLock { $0 = fails } }

    private func check() throws {
        if isDown.withLock({ $0 }) { throw SQLError.unavailable("unplugged") }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try check()
        return try await database.read(body)
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try check()
        return try await database.write(body)
    }

    func close() async { await database.close() }
}

@Suite struct StreamOutageTests {
    @Test func `while the store is away streams go on, and afterwards it holds what is true`() async throws {
        try await withStore(.sqlite) { inner in
            let database = FailingDatabase(inner.database)
            let store = try await Store(database: database)
            let ann = try await store.addUser("ann")
            try await store.addStream(of: ann)
            let relay = try Relay(configuration: RelayConfiguration(udpPort: 0, workers: 1))
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let settings = ApplicationSettings()
            let streams = LiveStreams(
                store: store, relay: relay, revocations: Revocations(),
                updates: LiveUpdates(chatDelay: settings.chatDelay),
                chat: ChatModerator(store: store, relay: relay, settings: settings, logger: logger),
                settings: settings, logger: logger)
            let (events, tell) = AsyncStream.makeStream(of: RelayEvent.self)
            let running = Task { await streams.run(events) }

            database.fail(true)
            await #expect(throws: SQLError.self) { try await streams.goLive(ann.id, takeOver: false) }
            #expect(await streams.status(of: ann.id) == .offline)

            database.fail(false)
            _ = try await streams.goLive(ann.id, takeOver: false)
            #expect(try await store.stream(of: ann.id)?.phase == .starting)

            database.fail(true)
            tell.yield(.mediaStarted(.test(ann.id), .test(ann.id), .test("TR_1")))
            try await eventually("live") { await streams.status(of: ann.id).phase == .live }
            await #expect(throws: SQLError.self) { try await streams.endStream(ann.id) }

            tell.yield(.mediaStopped(.test(ann.id), .test(ann.id), .test("TR_1")))
            try await eventually("reconnecting") { await streams.status(of: ann.id).phase == .reconnecting }
            database.fail(false)
            try await eventually("the store follows") {
                try await store.stream(of: ann.id)?.phase == .reconnecting
            }
            try await streams.endStream(ann.id)
            #expect(try await store.stream(of: ann.id)?.phase == .offline)
            let open = try await store.read { try $0.run("SELECT 1 FROM live_sessions WHERE ended_at IS NULL") }
            #expect(open.isEmpty)
            tell.finish()
            await running.value
            await relay.shutdown()
        }
    }
}
