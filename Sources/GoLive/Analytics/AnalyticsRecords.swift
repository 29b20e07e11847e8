/// A part of a creator's past: sessions that began in it. Milliseconds since 1970.
struct AnalyticsPeriod: Sendable, Hashable {
    var from: Int64 = .min
    /// Not in it any more.
    var to: Int64 = .max
}

/// One time live, from go-live to its end. For one that has not ended (properly), the end is when it was last seen live.
struct SessionAnalytics: Sendable, Hashable {
    var id: String
    var title: String
    /// Milliseconds since 1970.
    var startedAt: Int64
    /// Nil while live, and when a crash cut it short.
    var endedAt: Int64?
    /// Milliseconds.
    var duration: Int64
    /// Viewers times milliseconds: each sample counts until the next one or the end, and before the first there is nobody.
    var viewerTime: Int64
    var peakViewers: Int64
    var chatMessages: Int64
    /// Who began to follow meanwhile, and still does.
    var newFollowers: Int64

    var averageViewers: Double { duration > 0 ? Double(viewerTime) / Double(duration) : 0 }
}

/// The sums over a period.
struct AnalyticsTotals: Sendable, Hashable {
    /// One hour of the day, over all days. UTC.
    struct Hour: Sendable, Hashable {
        /// Milliseconds live in this hour.
        var duration: Int64 = 0
        /// Viewers times milliseconds.
        var viewerTime: Int64 = 0

        var averageViewers: Double { duration > 0 ? Double(viewerTime) / Double(duration) : 0 }
    }

    var sessions: Int64
    /// Milliseconds.
    var duration: Int64
    var peakViewers: Int64
    var chatMessages: Int64
    var newFollowers: Int64
    /// Now, whatever the period.
    var followers: Int64
    /// 24, from midnight UTC.
    var hours: [Hour]

    /// Weighted by time.
    var averageViewers: Double {
        duration > 0 ? Double(hours.reduce(0) { $0 + $1.viewerTime }) / Double(duration) : 0
    }
}

extension [ViewerSample] {
    /// At most `count` of them, evenly spread, the first and the last among them.
    func thinned(to count: Int) -> [ViewerSample] {
        guard self.count > count, count > 1 else { return self }
        return (0..<count).map { self[$0 * (self.count - 1) / (count - 1)] }
    }
}

extension SessionAnalytics {
    /// - Throws: when the row lacks a column.
    init(_ row: SQLRow) throws(SQLError) {
        id = try row.text("id")
        title = try row.text("title")
        startedAt = try row.int("started_at")
        endedAt = try row.optionalInt("ended_at")
        duration = try row.int("end_at") - startedAt
        viewerTime = try row.int("viewer_time")
        peakViewers = try row.int("peak_viewers")
        chatMessages = try row.int("chat_messages")
        newFollowers = try row.int("new_followers")
    }
}
