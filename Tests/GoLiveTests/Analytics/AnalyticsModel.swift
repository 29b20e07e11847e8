@testable import GoLive

/// What the store is told and what must come of it, minute by minute and without SQL. All times are whole minutes.
struct AnalyticsModel {
    struct Session {
        var id: String
        var userID: String
        /// Milliseconds since 1970, as all times here.
        var startedAt: Int64
        var lastSeenAt: Int64
        var endedAt: Int64?
        var peakViewers: Int64
        var samples: [ViewerSample] = []
        var chatMessages = 0

        var endAt: Int64 { max(startedAt, endedAt ?? lastSeenAt) }

        /// How many watch at a moment: those of the last sample.
        func viewers(at time: Int64) -> Int64 {
            Int64(samples.last { $0.takenAt >= startedAt && $0.takenAt <= time }?.viewers ?? 0)
        }
    }

    static let minute: Int64 = 60_000

    var sessions: [Session] = []
    /// By host.
    var follows: [(hostID: String, createdAt: Int64)] = []

    /// - Parameter users: whose sessions and followers are made up; ids of `followers` follow some of them.
    init(users: [String], followers: [String], using generator: inout SeededGenerator) {
        for user in users {
            var time = Int64.random(in: 28_000_000...28_100_000, using: &generator) * Self.minute
            for _ in 0..<Int.random(in: 3...12, using: &generator) {
                time += Int64.random(in: 1...3000, using: &generator) * Self.minute
                let length = Int64.random(in: 0...400, using: &generator) * Self.minute
                var session = Session(
                    id: "\(user)-\(sessions.count)", userID: user, startedAt: time, lastSeenAt: time + length,
                    endedAt: Bool.random(using: &generator) ? time + length : nil,
                    peakViewers: Int64.random(in: 0...500, using: &generator))
                // Some lie before the start or after the end, where they count for nothing.
                var at = time + Int64.random(in: -2...5, using: &generator) * Self.minute
                while at < time + length + 3 * Self.minute {
                    session.samples.append(
                        ViewerSample(
                            sessionID: session.id, takenAt: at, viewers: Int.random(in: 0...100, using: &generator)))
                    at += Int64.random(in: 1...40, using: &generator) * Self.minute
                }
                session.chatMessages = Int.random(in: 0...5, using: &generator)
                sessions.append(session)
                time += length
            }
            for _ in followers where Bool.random(using: &generator) {
                let session = sessions.last { $0.userID == user }!
                follows.append(
                    (user, session.startedAt + Int64.random(in: -600...600, using: &generator) * Self.minute))
            }
        }
    }

    func expected(_ session: Session) -> SessionAnalytics {
        var viewerTime: Int64 = 0
        for time in stride(from: session.startedAt, to: session.endAt, by: Int(Self.minute)) {
            viewerTime += session.viewers(at: time) * Self.minute
        }
        return SessionAnalytics(
            id: session.id, title: "Title of \(session.id)", startedAt: session.startedAt, endedAt: session.endedAt,
            duration: session.endAt - session.startedAt, viewerTime: viewerTime, peakViewers: session.peakViewers,
            chatMessages: Int64(session.chatMessages),
            newFollowers: Int64(
                follows.count {
                    $0.hostID == session.userID && $0.createdAt >= session.startedAt && $0.createdAt <= session.endAt
                }))
    }

    func sessions(of user: String, _ period: AnalyticsPeriod) -> [Session] {
        sessions.filter { $0.userID == user && $0.startedAt >= period.from && $0.startedAt < period.to }
            .sorted { $0.startedAt > $1.startedAt }
    }

    func totals(of user: String, _ period: AnalyticsPeriod) -> AnalyticsTotals {
        var hours = [AnalyticsTotals.Hour](repeating: AnalyticsTotals.Hour(), count: 24)
        let chosen = sessions(of: user, period)
        for session in chosen {
            for time in stride(from: session.startedAt, to: session.endAt, by: Int(Self.minute)) {
                let hour = Int(time / 3_600_000 % 24)
                hours[hour].duration += Self.minute
                hours[hour].viewerTime += session.viewers(at: time) * Self.minute
            }
        }
        let all = chosen.map(expected)
        return AnalyticsTotals(
            sessions: Int64(all.count), duration: all.reduce(0) { $0 + $1.duration },
            peakViewers: all.map(\.peakViewers).max() ?? 0, chatMessages: all.reduce(0) { $0 + $1.chatMessages },
            newFollowers: all.reduce(0) { $0 + $1.newFollowers },
            followers: Int64(follows.count { $0.hostID == user }), hours: hours)
    }

    /// Writes everything; the users are there already.
    ///
    /// - Parameter followers: at least as many as follow one host.
    func insert(into store: Store, followers: [String]) async throws {
        try await store.write { connection in
            for session in sessions {
                try connection.run(
                    """
                    INSERT INTO live_sessions (id, user_id, title, started_at, last_seen_at, ended_at, peak_viewers)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                    """,
                    [
                        .text(session.id), .text(session.userID), .text("Title of \(session.id)"),
                        .int(session.startedAt), .int(session.lastSeenAt), SQLValue(session.endedAt),
                        .int(session.peakViewers),
                    ])
                for sample in session.samples {
                    try connection.run(
                        "INSERT INTO viewer_samples (session_id, taken_at, viewers) VALUES (?1, ?2, ?3)",
                        [.text(session.id), .int(sample.takenAt), .init(sample.viewers)])
                }
                for number in 0..<session.chatMessages {
                    try connection.run(
                        """
                        INSERT INTO chat_messages (id, host_id, session_id, identity, user_id, name, text, sent_at)
                        VALUES (?1, ?2, ?3, 'guest-1', NULL, 'Guest', 'Hello', ?4)
                        """,
                        [
                            .text("\(session.id)-\(number)"), .text(session.userID), .text(session.id),
                            .int(session.startedAt),
                        ])
                }
            }
            var count: [String: Int] = [:]
            for follow in follows {
                try connection.run(
                    "INSERT INTO follows (follower_id, host_id, created_at) VALUES (?1, ?2, ?3)",
                    [
                        .text(followers[count[follow.hostID, default: 0]]), .text(follow.hostID),
                        .int(follow.createdAt),
                    ])
                count[follow.hostID, default: 0] += 1
            }
        }
    }
}
