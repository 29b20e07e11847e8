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

/// Making and changing streams. What is true of a stream at the moment (its phase and session) is not written here but
/// with `save(_: LiveRecord)`, so that the two never undo each other.
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

    /// Creates the user's stream, or changes the one that is there.
    ///
    /// - Parameters:
    ///   - newID: for a stream that is created.
    ///   - changes: with a title.
    func setUpStream(of userID: String, _ changes: StreamChanges, newID: String, at now: Int64) throws {
        let chat = ChatSettings()
        // Of two at once, the second finds what the first made, and changes it.
        try run(
            """
            INSERT INTO streams (id, user_id, title, description, phase, is_chat_enabled, is_chat_delayed,
                is_chat_followers_only, is_chat_open_to_guests, slow_mode_seconds, created_at, updated_at)
            VALUES (?1, ?2, '', '', 'offline', ?3, ?4, ?5, ?6, ?7, ?8, ?8) ON CONFLICT (user_id) DO NOTHING
            """,
            [
                .text(newID), .text(userID), .bool(chat.isEnabled), .bool(chat.isDelayed),
                .bool(chat.isFollowersOnly), .bool(chat.isOpenToGuests), SQLValue(chat.slowModeSeconds), .int(now),
            ])
        try changeStream(of: userID, changes, at: now)
    }

    /// - Returns: whether there is a stream.
    @discardableResult
    func changeStream(of userID: String, _ changes: StreamChanges, at now: Int64) throws -> Bool {
        // PostgreSQL lets two transactions read the same row; the second waits here.
        let lock = dialect == .postgreSQL ? " FOR UPDATE" : ""
        guard
            let before = try run(
                "SELECT \(Stream.columns) FROM streams s WHERE s.user_id = ?1\(lock)", [.text(userID)]
            ).first.map(Stream.init)
        else { return false }
        var stream = before
        changes.apply(to: &stream)
        try run(
            """
            UPDATE streams SET title = ?2, description = ?3, thumbnail = ?4, is_chat_enabled = ?5,
                is_chat_delayed = ?6, is_chat_followers_only = ?7, is_chat_open_to_guests = ?8,
                slow_mode_seconds = ?9, updated_at = ?10
            WHERE user_id = ?1
            """,
            [
                .text(userID), .text(stream.title), .text(stream.description), SQLValue(stream.thumbnail),
                .bool(stream.chat.isEnabled), .bool(stream.chat.isDelayed), .bool(stream.chat.isFollowersOnly),
                .bool(stream.chat.isOpenToGuests), SQLValue(stream.chat.slowModeSeconds), .int(now),
            ])
        if stream.title != before.title { try noteTitle(stream.title, of: userID, at: now) }
        try indexForSearch(userID: userID)
        return true
    }
}
