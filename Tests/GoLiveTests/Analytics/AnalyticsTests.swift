import NIOHTTP1
import Testing

@testable import GoLive

@Suite struct AnalyticsTests {
    /// A model with three creators, written into a store.
    private func fill(_ store: Store, seed: UInt64) async throws -> (AnalyticsModel, users: [String]) {
        var generator = SeededGenerator(seed: seed)
        var (users, followers): ([String], [String]) = ([], [])
        for index in 0..<3 { users.append(try await store.addUser("creator\(index)", creator: .approved).id) }
        for index in 0..<20 { followers.append(try await store.addUser("follower\(index)").id) }
        let model = AnalyticsModel(users: users, followers: followers, using: &generator)
        try await model.insert(into: store, followers: followers)
        return (model, users)
    }

    @Test(arguments: TestDatabase.allCases, [1, 2, 3, 4] as [UInt64])
    func `sums are those of counting minute by minute`(kind: TestDatabase, seed: UInt64) async throws {
        try await withStore(kind) { store in
            let (model, users) = try await fill(store, seed: seed)
            for user in users {
                let starts = model.sessions(of: user, AnalyticsPeriod()).map(\.startedAt)
                let periods = [
                    AnalyticsPeriod(), AnalyticsPeriod(from: starts[1]), AnalyticsPeriod(to: starts[0]),
                    AnalyticsPeriod(from: starts[2], to: starts[1]), AnalyticsPeriod(from: starts[0] + 1),
                ]
                for period in periods {
                    let totals = try await store.read { try $0.totals(of: user, period) }
                    #expect(totals == model.totals(of: user, period), "seed \(seed)")
                    let sessions = try await store.read {
                        try $0.sessions(of: user, period, before: nil, limit: 100)
                    }
                    #expect(sessions == model.sessions(of: user, period).map(model.expected), "seed \(seed)")
                }
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `pages put together are all sessions, each once`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let (model, users) = try await fill(store, seed: 9)
            // Two that began at the same time.
            let twin = model.sessions(of: users[0], AnalyticsPeriod())[1]
            try await store.write {
                try $0.run(
                    "INSERT INTO live_sessions VALUES ('twin', ?1, 'T', ?2, ?2, NULL, 0)",
                    [.text(users[0]), .int(twin.startedAt)])
            }
            let analytics = Analytics(store: store)
            for limit in 1...5 {
                var ids: [String] = []
                var cursor: Cursor?
                repeat {
                    let page = try await analytics.overview(
                        of: users[0], AnalyticsPeriod(), after: cursor, limit: limit
                    ).sessions
                    #expect(page.items.count <= limit)
                    ids += page.items.map(\.key.id)
                    cursor = try page.nextCursor.map { try Cursor(parsing: $0, keys: 2) }
                } while cursor != nil
                #expect(Set(ids).count == ids.count)
                #expect(Set(ids) == Set(model.sessions(of: users[0], AnalyticsPeriod()).map(\.id) + ["twin"]))
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a session is its creator's alone, and comes with its samples`(kind: TestDatabase) async throws {
        try await withStore(kind) { store in
            let (model, users) = try await fill(store, seed: 5)
            let analytics = Analytics(store: store)
            for session in model.sessions {
                for user in users {
                    let found = try await analytics.session(session.id, of: user)
                    #expect((found != nil) == (user == session.userID))
                    guard let (sums, samples) = found else { continue }
                    #expect(sums == model.expected(session))
                    #expect(samples == session.samples)
                }
            }
        }
    }

    @Test(arguments: [0, 1, 2, 499, 500, 501, 1000, 4321])
    func `a chart is thinned evenly and keeps both ends`(count: Int) {
        let samples = (0..<count).map { ViewerSample(sessionID: "s", takenAt: Int64($0), viewers: 0) }
        let thinned = samples.thinned(to: 500)
        #expect(thinned.count == min(count, 500))
        #expect(thinned.first == samples.first && thinned.last == samples.last)
        let gaps = zip(thinned, thinned.dropFirst()).map { $1.takenAt - $0.takenAt }
        #expect((gaps.max() ?? 1) - (gaps.min() ?? 1) <= 1)
    }

    @Test func `times are read as they are written`() {
        for time: Int64 in [0, 1, 999, 1_700_000_000_123, 4_102_444_800_000] {
            #expect(WallClock.milliseconds(parsing: WallClock.text(time)) == time)
        }
        #expect(WallClock.milliseconds(parsing: "2026-11-21T10:35:03Z") == 1_795_257_303_000)
        for text in ["", "yesterday", "2026-11-21", "1700000000"] {
            #expect(WallClock.milliseconds(parsing: text) == nil, "\(text)")
        }
    }
}

@Suite struct AnalyticsRoutesTests {
    @Test(arguments: TestDatabase.allCases)
    func `a creator sees sessions, sums and hours, and nobody sees another's`(kind: TestDatabase) async throws {
        try await withServer(kind) { server in
            let host = try await server.creator("host")
            let other = try await server.creator("other")
            let start: Int64 = 1_700_000_000_000
            // 22:13:20 to 23:13:20 UTC; four viewers in the second half.
            try await server.store.write {
                try $0.run(
                    "INSERT INTO live_sessions VALUES ('s', ?1, 'First', ?2, ?3, ?3, 4)",
                    [.text(host.user.id), .int(start), .int(start + 3_600_000)])
                try $0.run(
                    "INSERT INTO viewer_samples VALUES ('s', ?1, 4)", [.int(start + 1_800_000)])
            }
            let answer = try await server.ask(.GET, "/api/stream/analytics", token: host.token)
            #expect(answer.status == 200)
            #expect(
                answer.data["sessions"]["items"] == [
                    [
                        "id": "s", "title": "First", "startedAt": "2023-11-14T22:13:20.000Z",
                        "endedAt": "2023-11-14T23:13:20.000Z", "duration": 3600, "averageViewers": 2,
                        "peakViewers": 4, "chatMessages": 0, "newFollowers": 0,
                    ]
                ])
            #expect(
                answer.data["totals"] == [
                    "sessions": 1, "duration": 3600, "averageViewers": 2, "peakViewers": 4, "chatMessages": 0,
                    "newFollowers": 0, "followers": 0,
                ])
            let hours = answer.data["busiestHours"].array
            #expect(hours.map { $0["hour"].integer } == (0..<24).map(Int64.init))
            #expect(hours[22]["seconds"].integer == 2800 && hours[23]["seconds"].integer == 800)
            #expect(hours[23]["averageViewers"] == 4)
            let chart = try await server.ask(.GET, "/api/stream/analytics/s", token: host.token)
            #expect(chart.data["session"]["id"].string == "s")
            #expect(chart.data["samples"] == [["at": "2023-11-14T22:43:20.000Z", "viewers": 4]])
            #expect(try await server.ask(.GET, "/api/stream/analytics/s", token: other.token).status == 404)
            #expect(try await server.ask(.GET, "/api/stream/analytics/t", token: host.token).status == 404)
            let none = try await server.ask(.GET, "/api/stream/analytics", token: other.token)
            #expect(none.data["sessions"]["items"] == [] && none.data["totals"]["averageViewers"] == 0)
        }
    }

    @Test func `a period is asked for by its ends, and what is no time is refused by its name`() async throws {
        try await withServer { server in
            let host = try await server.creator("host")
            for (id, start) in [("a", 1_000), ("b", 2_000), ("c", 3_000)] as [(String, Int64)] {
                try await server.store.write {
                    try $0.run(
                        "INSERT INTO live_sessions VALUES (?1, ?2, 'T', ?3, ?3, NULL, 0)",
                        [.text(id), .text(host.user.id), .int(start)])
                }
            }
            for (query, ids) in [
                ("", ["c", "b", "a"]), ("?from=1970-01-01T00:00:02Z", ["c", "b"]),
                ("?to=1970-01-01T00:00:02Z", ["a"]),
                ("?from=1970-01-01T00:00:02Z&to=1970-01-01T00:00:02.001Z", ["b"]), ("?limit=1", ["c"]),
            ] {
                let answer = try await server.ask(.GET, "/api/stream/analytics\(query)", token: host.token)
                #expect(answer.data["sessions"]["items"].array.compactMap { $0["id"].string } == ids)
            }
            let refusal = try await server.ask(.GET, "/api/stream/analytics?from=today", token: host.token)
            #expect(refusal.status == 400 && refusal.json["error"]["details"]["from"].string != nil)
            let viewer = try await server.person("viewer")
            #expect(try await server.ask(.GET, "/api/stream/analytics", token: viewer.token).status == 403)
            #expect(try await server.ask(.GET, "/api/stream/analytics").status == 401)
        }
    }
}
