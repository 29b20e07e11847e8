/// Finding streams.
extension Store {
    package func stream(of userID: String) async throws -> Stream? {
        try await read { try $0.stream(of: userID) }
    }
}

extension SQLConnection {
    func stream(of userID: String) throws -> Stream? {
        try run("SELECT \(Stream.columns) FROM streams s WHERE s.user_id = ?1", [.text(userID)]).first.map(Stream.init)
    }
}

/// Making streams.
extension SQLConnection {
    /// - Throws: `SQLError.notUnique` when the user has one.
    func insert(_ stream: Stream) throws {
        try run(
            """
            INSERT INTO streams (id, user_id, title, description, thumbnail, phase, live_session_id, started_at,
                is_chat_enabled, is_chat_delayed, is_chat_followers_only, is_chat_open_to_guests, slow_mode_seconds,
                created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
            """,
            [
                .text(stream.id), .text(stream.userID), .text(stream.title), .text(stream.description),
                SQLValue(stream.thumbnail), .text(stream.phase.rawValue), SQLValue(stream.liveSessionID),
                SQLValue(stream.startedAt), .bool(stream.chat.isEnabled), .bool(stream.chat.isDelayed),
                .bool(stream.chat.isFollowersOnly), .bool(stream.chat.isOpenToGuests),
                SQLValue(stream.chat.slowModeSeconds), .int(stream.createdAt), .int(stream.updatedAt),
            ])
    }
}
