/// A stream with the one who streams it: what the watch page, lists and a room's metadata are made from.
struct HostedStream: Sendable, Hashable {
    var stream: Stream
    var host: User
    /// The address of its picture, see `StreamThumbnail`.
    var thumbnail: String?
    /// When the latest live session ended, or was last seen where it lasts; milliseconds since 1970. Nil: there was none.
    var lastLiveAt: Int64?
}

extension HostedStream {
    /// For statements whose `streams` is called `s` and whose `users` is called `u`.
    static let columns = """
        \(Stream.columns), \(User.columns), \(StreamThumbnail.column),
        (SELECT COALESCE(v.ended_at, v.last_seen_at) FROM live_sessions v WHERE v.user_id = s.user_id
            ORDER BY v.started_at DESC LIMIT 1) AS last_live_at
        """

    /// - Throws: when the row was not read with `columns`.
    init(_ row: SQLRow) throws(SQLError) {
        stream = try Stream(row)
        host = try User(row)
        thumbnail = StreamThumbnail.address(
            chosen: stream.thumbnail, tag: try row.optionalText("thumbnail_tag"), userID: host.id)
        lastLiveAt = try row.optionalInt("last_live_at")
    }
}

extension SQLConnection {
    func hostedStream(of userID: String) throws -> HostedStream? {
        try run(
            "SELECT \(HostedStream.columns) FROM streams s JOIN users u ON u.id = s.user_id WHERE s.user_id = ?1",
            [.text(userID)]
        ).first.map(HostedStream.init)
    }
}

extension Store {
    func hostedStream(of userID: String) async throws -> HostedStream? {
        try await read { try $0.hostedStream(of: userID) }
    }
}
