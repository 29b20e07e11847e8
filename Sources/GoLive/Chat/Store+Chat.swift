/// What was said in each host's chat.
extension Store {
    /// Messages that are kept of one host; older ones are forgotten now and then.
    static let chatHistoryLimit = 10_000

    /// Makes changes in one transaction, in order.
    ///
    /// - Parameter now: milliseconds since 1970.
    /// - Returns: for each change, whether it was made: not when the id is taken, or the message is not the sender's.
    func apply(_ changes: [ChatChange], hostID: String, at now: Int64) async throws -> [Bool] {
        try await write { connection in
            try changes.map { change in
                switch change {
                case .add(let message): try connection.add(message, hostID: hostID)
                case .edit(let id, let identity, let text):
                    try !connection.run(
                        """
                        UPDATE chat_messages SET text = ?1
                        WHERE host_id = ?2 AND id = ?3 AND identity = ?4 AND deleted_at IS NULL RETURNING id
                        """, [.text(text), .text(hostID), .text(id), .text(identity)]
                    ).isEmpty
                case .remove(let id, let identity):
                    try connection.deleteMessage(id, hostID: hostID, identity: identity, at: now)
                }
            }
        }
    }

    /// - Parameter number: of the oldest message that the caller has.
    /// - Returns: messages with their numbers and what their senders are called now, newest first.
    func chatMessages(
        hostID: String, before number: Int64?, limit: Int
    ) async throws -> [(number: Int64, message: ChatMessage, username: String?)] {
        try await read { connection in
            try connection.run(
                """
                SELECT m.number, m.id, m.identity, m.user_id, m.name, m.text, m.sent_at, u.username
                FROM chat_messages m LEFT JOIN users u ON u.id = m.user_id
                WHERE m.host_id = ?1 AND m.deleted_at IS NULL AND m.number < ?2 ORDER BY m.number DESC LIMIT ?3
                """, [.text(hostID), .int(number ?? .max), SQLValue(limit)]
            ).map { (try $0.int("number"), try ChatMessage($0), try $0.optionalText("username")) }
        }
    }

    /// - Returns: whether there was such a message.
    func deleteChatMessage(_ id: String, hostID: String, at now: Int64) async throws -> Bool {
        try await write { try $0.deleteMessage(id, hostID: hostID, identity: nil, at: now) }
    }

    /// Whether the id is one of another host's messages.
    func isChatMessage(_ id: String, ofOtherThan hostID: String) async throws -> Bool {
        try await read {
            try !$0.run(
                "SELECT 1 FROM chat_messages WHERE id = ?1 AND host_id <> ?2 AND deleted_at IS NULL LIMIT 1",
                [.text(id), .text(hostID)]
            ).isEmpty
        }
    }

    /// Forgets all but the newest.
    func pruneChat(hostID: String, keeping limit: Int = chatHistoryLimit) async throws {
        try await write {
            try $0.run(
                """
                DELETE FROM chat_messages WHERE host_id = ?1 AND number <= (
                    SELECT number FROM chat_messages WHERE host_id = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)
                """, [.text(hostID), SQLValue(limit)])
        }
    }
}

extension SQLConnection {
    /// In the live session that is on now, if one is.
    fileprivate func add(_ message: ChatMessage, hostID: String) throws -> Bool {
        try !run(
            """
            INSERT INTO chat_messages (id, host_id, session_id, identity, user_id, name, text, sent_at)
            VALUES (?1, ?2, (SELECT live_session_id FROM streams WHERE user_id = ?2), ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT (host_id, id) DO NOTHING RETURNING id
            """,
            [
                .text(message.id), .text(hostID), .text(message.identity), SQLValue(message.userID),
                .text(message.name), .text(message.text), .int(message.sentAt),
            ]
        ).isEmpty
    }

    /// - Parameter identity: whose message it must be; nil: anyone's.
    fileprivate func deleteMessage(_ id: String, hostID: String, identity: String?, at now: Int64) throws -> Bool {
        try !run(
            """
            UPDATE chat_messages SET deleted_at = ?1
            WHERE host_id = ?2 AND id = ?3 AND deleted_at IS NULL AND identity = COALESCE(?4, identity) RETURNING id
            """, [.int(now), .text(hostID), .text(id), SQLValue(identity)]
        ).isEmpty
    }
}

extension ChatMessage {
    fileprivate init(_ row: SQLRow) throws(SQLError) {
        id = try row.text("id")
        identity = try row.text("identity")
        userID = try row.optionalText("user_id")
        name = try row.text("name")
        text = try row.text("text")
        sentAt = try row.int("sent_at")
    }
}
