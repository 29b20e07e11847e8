/// What a creator wants to know of past sessions.
struct Analytics: Sendable {
    /// Points of a chart.
    static let samples = 500

    let store: Store

    /// - Throws: `invalid_cursor`.
    func overview(
        of userID: String, _ period: AnalyticsPeriod, after cursor: Cursor?, limit: Int
    ) async throws -> (sessions: Page<SessionAnswer>, totals: AnalyticsTotals) {
        let before = try cursor.map { (startedAt: try $0.integer(0), id: $0.keys[1]) }
        return try await store.read { connection in
            let found = try connection.sessions(of: userID, period, before: before, limit: limit)
            let page = Page(found.map(SessionAnswer.init), limit: limit) { Cursor("\($0.key.startedAt)", $0.key.id) }
            return (page, try connection.totals(of: userID, period))
        }
    }

    /// One session with its chart; nil when there is none of this id or it is another creator's.
    func session(_ id: String, of userID: String) async throws -> (SessionAnalytics, [ViewerSample])? {
        try await store.read { connection in
            guard let session = try connection.session(id, of: userID) else { return nil }
            return (session, try connection.samples(ofSession: id).thinned(to: Self.samples))
        }
    }
}

/// A session as it is answered.
struct SessionAnswer: Encodable, Sendable {
    /// What a cursor is made of.
    let key: (startedAt: Int64, id: String)
    private let values: Values

    private struct Values: Encodable {
        var id: String
        var title: String
        var startedAt: String
        var endedAt: String?
        /// Seconds.
        var duration: Int64
        var averageViewers: Double
        var peakViewers: Int64
        var chatMessages: Int64
        var newFollowers: Int64
    }

    init(_ session: SessionAnalytics) {
        key = (session.startedAt, session.id)
        values = Values(
            id: session.id, title: session.title, startedAt: WallClock.text(session.startedAt),
            endedAt: session.endedAt.map(WallClock.text), duration: session.duration / 1000,
            averageViewers: session.averageViewers, peakViewers: session.peakViewers,
            chatMessages: session.chatMessages, newFollowers: session.newFollowers)
    }

    func encode(to encoder: any Encoder) throws { try values.encode(to: encoder) }
}
