/// Live sessions, and which streams are live.
extension SQLConnection {
    /// - Throws: `SQLError.foreignKey` when the host is gone.
    func save(_ record: LiveRecord) throws {
        for session in record.sessions { try save(session) }
        for sample in record.samples { try insert(sample) }
        try run(
            "UPDATE streams SET phase = ?2, live_session_id = ?3, started_at = ?4 WHERE user_id = ?1",
            [
                .text(record.hostID), .text(record.phase.rawValue), SQLValue(record.sessionID),
                SQLValue(record.startedAt),
            ])
    }

    func save(_ session: LiveSession) throws {
        try run(
            """
            INSERT INTO live_sessions (id, user_id, title, started_at, last_seen_at, ended_at, peak_viewers)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT (id) DO UPDATE SET last_seen_at = excluded.last_seen_at, ended_at = excluded.ended_at,
                peak_viewers = excluded.peak_viewers
            """,
            [
                .text(session.id), .text(session.userID), .text(session.title), .int(session.startedAt),
                .int(session.lastSeenAt), SQLValue(session.endedAt), SQLValue(session.peakViewers),
            ])
    }

    private func insert(_ sample: ViewerSample) throws {
        try run(
            """
            INSERT INTO viewer_samples (session_id, taken_at, viewers) VALUES (?1, ?2, ?3)
            ON CONFLICT (session_id, taken_at) DO UPDATE SET viewers = excluded.viewers
            """, [.text(sample.sessionID), .int(sample.takenAt), SQLValue(sample.viewers)])
    }

    func liveSession(id: String) throws -> LiveSession? {
        try run("SELECT * FROM live_sessions WHERE id = ?1", [.text(id)]).first.map(LiveSession.init)
    }

    /// Oldest first.
    func samples(ofSession id: String) throws -> [ViewerSample] {
        try run("SELECT taken_at, viewers FROM viewer_samples WHERE session_id = ?1 ORDER BY taken_at", [.text(id)])
            .map { row in
                ViewerSample(
                    sessionID: id, takenAt: try row.int("taken_at"), viewers: Int(try row.int("viewers")))
            }
    }

    /// Settles what a process that ended left behind: streams that were live are reconnecting, each in a session that
    /// lasts; sessions of no such stream have ended when they were last seen.
    ///
    /// - Returns: the sessions that go on.
    func recoverLiveSessions(newID: () -> String) throws -> [LiveSession] {
        let streams = try run("SELECT \(Stream.columns) FROM streams s WHERE s.phase <> 'offline'").map(Stream.init)
        let sessions = try streams.map { stream in
            if let id = stream.liveSessionID, let session = try liveSession(id: id), session.endedAt == nil {
                return session
            }
            let start = stream.startedAt ?? stream.updatedAt
            return LiveSession(
                id: newID(), userID: stream.userID, title: stream.title, startedAt: start, lastSeenAt: start,
                endedAt: nil, peakViewers: 0)
        }
        for session in sessions {
            try save(
                LiveRecord(
                    hostID: session.userID, phase: .reconnecting, sessionID: session.id,
                    startedAt: session.startedAt, sessions: [session], samples: []))
        }
        try run(
            """
            UPDATE live_sessions SET ended_at = last_seen_at WHERE ended_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM streams s WHERE s.live_session_id = live_sessions.id)
            """)
        return sessions
    }
}

extension LiveSession {
    init(_ row: SQLRow) throws(SQLError) {
        id = try row.text("id")
        userID = try row.text("user_id")
        title = try row.text("title")
        startedAt = try row.int("started_at")
        lastSeenAt = try row.int("last_seen_at")
        endedAt = try row.optionalInt("ended_at")
        peakViewers = Int(try row.int("peak_viewers"))
    }
}
