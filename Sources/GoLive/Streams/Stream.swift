/// What a creator set up: one a user, live or not.
package struct Stream: Sendable, Hashable {
    /// A UUID in lower case.
    package var id: String
    /// The creator's; also the room's name.
    package var userID: String
    package var title: String
    package var description: String
    /// The picture that the creator chose, by its address; nil: none, or one uploaded or made while live.
    package var thumbnail: String?
    package var phase: Phase
    /// Of the present live session; nil when offline.
    package var liveSessionID: String?
    /// Milliseconds since 1970; nil when offline.
    package var startedAt: Int64?
    package var chat: ChatSettings
    package var createdAt: Int64
    package var updatedAt: Int64

    package var isLive: Bool { phase != .offline }

    /// Where a stream is between *Go live* and its end.
    package enum Phase: String, Sendable, CaseIterable {
        case offline
        /// go-live was asked for; no media has arrived.
        case starting
        case live
        /// Media has been gone for less than the grace.
        case reconnecting
    }
}

/// The rules of one creator's chat.
package struct ChatSettings: Sendable, Hashable {
    package var isEnabled = true
    /// Whether messages of others than the host are held for `chat.delay`.
    package var isDelayed = false
    package var isFollowersOnly = false
    package var isOpenToGuests = true
    /// Seconds that each sender waits between messages; 0: none.
    package var slowModeSeconds = 0
}

extension Stream {
    /// For statements whose `streams` is called `s`.
    static let columns = """
        s.id AS stream_id, s.user_id, s.title, s.description, s.thumbnail, s.phase, s.live_session_id, s.started_at,
        s.is_chat_enabled, s.is_chat_delayed, s.is_chat_followers_only, s.is_chat_open_to_guests, s.slow_mode_seconds,
        s.created_at AS stream_created_at, s.updated_at
        """

    /// - Throws: when the row was not read with `columns`.
    init(_ row: SQLRow) throws(SQLError) {
        id = try row.text("stream_id")
        userID = try row.text("user_id")
        title = try row.text("title")
        description = try row.text("description")
        thumbnail = try row.optionalText("thumbnail")
        guard let phase = Phase(rawValue: try row.text("phase")) else { throw .column("phase") }
        self.phase = phase
        liveSessionID = try row.optionalText("live_session_id")
        startedAt = try row.optionalInt("started_at")
        chat = ChatSettings(
            isEnabled: try row.bool("is_chat_enabled"), isDelayed: try row.bool("is_chat_delayed"),
            isFollowersOnly: try row.bool("is_chat_followers_only"),
            isOpenToGuests: try row.bool("is_chat_open_to_guests"),
            slowModeSeconds: Int(try row.int("slow_mode_seconds")))
        createdAt = try row.int("stream_created_at")
        updatedAt = try row.int("updated_at")
    }
}
