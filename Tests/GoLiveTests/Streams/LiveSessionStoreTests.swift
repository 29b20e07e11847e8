import Testing

@testable import GoLive

@Suite struct LiveSessionStoreTests {
    @Test(arguments: TestDatabase.allCases)
    func `a record is written once or many times with the same outcome`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let ann = try await store.addUser("ann")
            try await store.addStream(of: ann)
            var session = LiveSession(
                id: "s", userID: ann.id, title: "t", startedAt: 5, lastSeenAt: 5, endedAt: nil, peakViewers: 0)
            for _ in 0..<2 {
                let record = LiveRecord(
                    hostID: ann.id, phase: .live, sessionID: "s", startedAt: 5, sessions: [session],
                    samples: [ViewerSample(sessionID: "s", takenAt: 6, viewers: 3)])
                try await store.write { try $0.save(record) }
            }
            let stream = try #require(try await store.stream(of: ann.id))
            #expect(stream.phase == .live && stream.liveSessionID == "s" && stream.startedAt == 5)
            session.endedAt = 9
            session.lastSeenAt = 9
            session.peakViewers = 7
            let over = LiveRecord(
                hostID: ann.id, phase: .offline, sessionID: nil, startedAt: nil, sessions: [session],
                samples: [ViewerSample(sessionID: "s", takenAt: 8, viewers: 7)])
            try await store.write { try $0.save(over) }
            #expect(try await store.read { try $0.liveSession(id: "s") } == session)
            #expect(try await store.read { try $0.samples(ofSession: "s") }.map(\.viewers) == [3, 7])
            #expect(try await store.stream(of: ann.id)?.isLive == false)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `the session of a user who is gone is refused as such`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let session = LiveSession(
                id: "s", userID: "gone", title: "t", startedAt: 5, lastSeenAt: 5, endedAt: nil, peakViewers: 0)
            let refused = await StoreTests.failure(store) { try $0.save(session) }
            guard case .foreignKey = refused else {
                Issue.record("\(String(describing: refused))")
                return
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `recovery goes on with every stream that was live, and ends the sessions of no stream`(
        kind: TestDatabase
    ) async throws {
        try await withStore(kind) { store in
            var hosts: [User] = []
            for (index, phase) in [Stream.Phase.offline, .starting, .live, .reconnecting].enumerated() {
                hosts.append(try await store.addUser("host\(index)"))
                try await store.addStream(of: hosts[index], phase: phase)
                let session = LiveSession(
                    id: "s\(index)", userID: hosts[index].id, title: "t", startedAt: 5, lastSeenAt: 77, endedAt: nil,
                    peakViewers: 4)
                let record = LiveRecord(
                    hostID: hosts[index].id, phase: phase, sessionID: phase == .offline ? nil : session.id,
                    startedAt: 5, sessions: [session], samples: [])
                try await store.write { try $0.save(record) }
            }
            // Live by a record that names no session.
            let bare = try await store.addUser("bare")
            try await store.addStream(of: bare, phase: .live)

            let sessions = try await store.write { try $0.recoverLiveSessions { "new" } }
            #expect(Set(sessions.map(\.id)) == ["s1", "s2", "s3", "new"])
            for host in hosts.dropFirst() + [bare] {
                #expect(try await store.stream(of: host.id)?.phase == .reconnecting)
            }
            #expect(try await store.stream(of: bare.id)?.liveSessionID == "new")
            #expect(try await store.stream(of: hosts[0].id)?.phase == .offline)
            let forgotten = try await store.read { try $0.liveSession(id: "s0") }
            #expect(forgotten?.endedAt == 77)
            let going = try await store.read { try $0.liveSession(id: "s2") }
            #expect(going?.endedAt == nil && going?.peakViewers == 4)
        }
    }
}

extension StoreTests {
    static func failure(
        _ store: Store, _ body: @escaping @Sendable (any SQLConnection) throws -> Void
    ) async -> SQLError? {
        do {
            try await store.write(body)
            return nil
        } catch {
            return error as? SQLError
        }
    }
}
