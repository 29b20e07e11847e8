/// What sessions, samples, chat and follows say of a creator's past. Read only: others write them.
extension SQLConnection {
    /// A creator's sessions that began within a period, newest first, one more than `limit` if there are.
    ///
    /// - Parameter before: start and id of the session before the first wanted; nil: from the newest.
    func sessions(
        of userID: String, _ period: AnalyticsPeriod, before: (startedAt: Int64, id: String)?, limit: Int
    ) throws -> [SessionAnalytics] {
        try run(
            """
            WITH chosen AS (
                \(AnalyticsSQL.sessions) AND (started_at < ?4 OR (started_at = ?4 AND id < ?5))
                ORDER BY started_at DESC, id DESC LIMIT ?6),
            \(AnalyticsSQL.segments)
            \(AnalyticsSQL.summary) ORDER BY c.started_at DESC, c.id DESC
            """,
            [
                .text(userID), .int(period.from), .int(period.to), .int(before?.startedAt ?? .max),
                .text(before?.id ?? ""), .int(Int64(limit) + 1),
            ]
        ).map(SessionAnalytics.init)
    }

    /// One session; nil when there is none of this id or it is another creator's.
    func session(_ id: String, of userID: String) throws -> SessionAnalytics? {
        try run(
            """
            WITH chosen AS (\(AnalyticsSQL.sessions) AND id = ?4), \(AnalyticsSQL.segments) \(AnalyticsSQL.summary)
            """, [.text(userID), .int(.min), .int(.max), .text(id)]
        ).first.map(SessionAnalytics.init)
    }

    /// Over all of a creator's sessions that began within a period.
    func totals(of userID: String, _ period: AnalyticsPeriod) throws -> AnalyticsTotals {
        let values: [SQLValue] = [.text(userID), .int(period.from), .int(period.to)]
        let sums = try run(
            """
            WITH chosen AS (\(AnalyticsSQL.sessions)), \(AnalyticsSQL.segments), summary AS (\(AnalyticsSQL.summary))
            SELECT COUNT(*) AS sessions, CAST(COALESCE(SUM(end_at - started_at), 0) AS BIGINT) AS duration,
                COALESCE(MAX(peak_viewers), 0) AS peak_viewers,
                CAST(COALESCE(SUM(chat_messages), 0) AS BIGINT) AS chat_messages,
                CAST(COALESCE(SUM(new_followers), 0) AS BIGINT) AS new_followers,
                (SELECT COUNT(*) FROM follows f WHERE f.host_id = ?1) AS followers
            FROM summary
            """, values)
        guard let row = sums.first else { throw SQLError.column("sessions") }
        return AnalyticsTotals(
            sessions: try row.int("sessions"), duration: try row.int("duration"),
            peakViewers: try row.int("peak_viewers"), chatMessages: try row.int("chat_messages"),
            newFollowers: try row.int("new_followers"), followers: try row.int("followers"),
            hours: try hours(values))
    }

    /// Segments cut where an hour begins, added up by the hour of the day.
    private func hours(_ values: [SQLValue]) throws -> [AnalyticsTotals.Hour] {
        let rows = try run(
            """
            WITH RECURSIVE chosen AS (\(AnalyticsSQL.sessions)), \(AnalyticsSQL.segments),
            rests AS (
                SELECT begin_at, end_at, viewers, (begin_at / 3600000 + 1) * 3600000 AS next_hour
                FROM segments WHERE end_at > begin_at
                UNION ALL
                SELECT next_hour, end_at, viewers, next_hour + 3600000 FROM rests WHERE next_hour < end_at),
            pieces AS (
                SELECT begin_at / 3600000 % 24 AS hour, viewers,
                    CASE WHEN end_at < next_hour THEN end_at ELSE next_hour END - begin_at AS duration
                FROM rests)
            SELECT hour, CAST(SUM(duration) AS BIGINT) AS duration, CAST(SUM(viewers * duration) AS BIGINT) AS viewer_time
            FROM pieces GROUP BY hour
            """, values)
        var hours = [AnalyticsTotals.Hour](repeating: AnalyticsTotals.Hour(), count: 24)
        for row in rows {
            guard let hour = Int(exactly: try row.int("hour")), hours.indices.contains(hour) else { continue }
            hours[hour] = AnalyticsTotals.Hour(
                duration: try row.int("duration"), viewerTime: try row.int("viewer_time"))
        }
        return hours
    }
}

/// What the statements above share.
private enum AnalyticsSQL {
    /// Sessions of ?1 that began from ?2 on and before ?3, with their end.
    static let sessions = """
        SELECT id, title, started_at, ended_at, peak_viewers,
            CASE WHEN COALESCE(ended_at, last_seen_at) > started_at THEN COALESCE(ended_at, last_seen_at)
                ELSE started_at END AS end_at
        FROM live_sessions WHERE user_id = ?1 AND started_at >= ?2 AND started_at < ?3
        """

    /// The sessions called `chosen`, in stretches with one number of viewers. Nobody watches before the first sample.
    static let segments = """
        marks AS (
            SELECT id AS session_id, started_at AS begin_at, 0 AS place, 0 AS viewers, end_at FROM chosen
            UNION ALL
            SELECT v.session_id, v.taken_at, 1, v.viewers, c.end_at FROM viewer_samples v
            JOIN chosen c ON c.id = v.session_id WHERE v.taken_at >= c.started_at AND v.taken_at < c.end_at),
        segments AS (
            SELECT session_id, begin_at, viewers,
                COALESCE(LEAD(begin_at) OVER (PARTITION BY session_id ORDER BY begin_at, place), end_at) AS end_at
            FROM marks)
        """

    /// A row for each chosen session.
    static let summary = """
        SELECT c.id, c.title, c.started_at, c.ended_at, c.end_at, c.peak_viewers,
            t.viewer_time,
            (SELECT COUNT(*) FROM chat_messages m WHERE m.session_id = c.id) AS chat_messages,
            (SELECT COUNT(*) FROM follows f WHERE f.host_id = ?1 AND f.created_at >= c.started_at
                AND f.created_at <= c.end_at) AS new_followers
        FROM chosen c JOIN (
            SELECT session_id, CAST(SUM(viewers * (end_at - begin_at)) AS BIGINT) AS viewer_time
            FROM segments GROUP BY session_id) t ON t.session_id = c.id
        """
}
