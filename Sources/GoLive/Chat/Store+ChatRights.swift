/// Who may chat, as far as the database knows.
extension Store {
    /// The rules of a host's chat and the timeouts that are on, by identity; nil when the host has no stream.
    ///
    /// - Parameter now: milliseconds since 1970.
    func chatRoom(
        of hostID: String, at now: Int64
    ) async throws -> (settings: ChatSettings, timeouts: [String: Int64])? {
        try await read { connection in
            guard let stream = try connection.stream(of: hostID) else { return nil }
            let rows = try connection.chatTimeouts(hostID: hostID, at: now)
            return (stream.chat, Dictionary(rows.map { ($0.identity, $0.until) }) { $1 })
        }
    }

    /// What the users among these identities are to a host; those who are not users are absent.
    func chatUsers(_ identities: [String], hostID: String) async throws -> [String: ChatPerson] {
        try await read { connection in
            var people: [String: ChatPerson] = [:]
            for identity in identities where try connection.user(id: identity) != nil {
                people[identity] = .user(
                    isFollowing: try connection.isFollowing(identity, hostID),
                    isBlocked: try connection.isBlocked(identity, by: hostID))
            }
            return people
        }
    }

    /// Those who may not chat for a while, longest first.
    func chatTimeouts(hostID: String, at now: Int64) async throws -> [ChatTimeout] {
        try await read { try $0.chatTimeouts(hostID: hostID, at: now) }
    }

    /// Keeps an identity from chatting until a time; nil lifts it. Those that are over are forgotten.
    ///
    /// - Returns: false, and nothing is changed, when `limit` others are timed out.
    func setChatTimeout(
        _ identity: String, hostID: String, until: Int64?, limit: Int, at now: Int64
    ) async throws -> Bool {
        try await write { connection in
            try connection.run(
                "DELETE FROM chat_timeouts WHERE host_id = ?1 AND (until_at <= ?2 OR identity = ?3)",
                [.text(hostID), .int(now), .text(identity)])
            guard let until else { return true }
            let count = try connection.run(
                "SELECT COUNT(*) AS count FROM chat_timeouts WHERE host_id = ?1", [.text(hostID)])
            guard try count[0].int("count") < limit else { return false }
            try connection.run(
                "INSERT INTO chat_timeouts (host_id, identity, until_at) VALUES (?1, ?2, ?3)",
                [.text(hostID), .text(identity), .int(until)])
            return true
        }
    }
}

/// Somebody who may not chat for a while.
struct ChatTimeout: Sendable, Hashable {
    var identity: String
    /// Milliseconds since 1970.
    var until: Int64
}

extension SQLConnection {
    fileprivate func chatTimeouts(hostID: String, at now: Int64) throws -> [ChatTimeout] {
        try run(
            """
            SELECT identity, until_at FROM chat_timeouts WHERE host_id = ?1 AND until_at > ?2
            ORDER BY until_at DESC, identity
            """, [.text(hostID), .int(now)]
        ).map { ChatTimeout(identity: try $0.text("identity"), until: try $0.int("until_at")) }
    }
}
