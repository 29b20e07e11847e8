/// Somebody in a list of followers or of blocked people.
struct Acquaintance: Sendable, Hashable {
    var user: User
    /// Milliseconds since 1970: when the follow or the block began.
    var since: Int64
}

/// The host's lists of people, latest first.
extension SQLConnection {
    /// - Parameter last: the one before the first that is wanted: when it began, and their id.
    func followers(of hostID: String, after last: (since: Int64, id: String)?, limit: Int) throws -> [Acquaintance] {
        try acquaintances("follows r ON r.follower_id = u.id", hostID, last, limit)
    }

    /// - Parameter last: as in `followers`.
    func blocked(by hostID: String, after last: (since: Int64, id: String)?, limit: Int) throws -> [Acquaintance] {
        try acquaintances("blocks r ON r.blocked_id = u.id", hostID, last, limit)
    }

    private func acquaintances(
        _ relation: String, _ hostID: String, _ last: (since: Int64, id: String)?, _ limit: Int
    ) throws -> [Acquaintance] {
        try run(
            """
            SELECT \(User.columns), r.created_at AS since FROM users u JOIN \(relation)
            WHERE r.host_id = ?1 AND (r.created_at < ?2 OR (r.created_at = ?2 AND u.id > ?3))
            ORDER BY r.created_at DESC, u.id LIMIT ?4
            """,
            [.text(hostID), .int(last?.since ?? .max), .text(last?.id ?? ""), SQLValue(limit)]
        ).map { Acquaintance(user: try User($0), since: try $0.int("since")) }
    }

    /// The latest blocks, oldest first.
    ///
    /// - Parameter start: milliseconds since 1970.
    func blocks(since start: Int64, limit: Int) throws -> [(hostID: String, blockedID: String)] {
        try run(
            "SELECT host_id, blocked_id FROM blocks WHERE created_at >= ?1 ORDER BY created_at DESC LIMIT ?2",
            [.int(start), SQLValue(limit)]
        ).reversed().map { (try $0.text("host_id"), try $0.text("blocked_id")) }
    }
}
