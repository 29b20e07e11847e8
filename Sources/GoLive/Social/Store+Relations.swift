/// Who follows and who blocked whom. Where a block stands, in whichever direction, there is no follow.
extension SQLConnection {
    func isBlocked(_ userID: String, by hostID: String) throws -> Bool {
        try !run("SELECT 1 FROM blocks WHERE host_id = ?1 AND blocked_id = ?2", [.text(hostID), .text(userID)]).isEmpty
    }

    func isFollowing(_ userID: String, _ hostID: String) throws -> Bool {
        try !run("SELECT 1 FROM follows WHERE follower_id = ?1 AND host_id = ?2", [.text(userID), .text(hostID)])
            .isEmpty
    }

    func followerCount(of hostID: String) throws -> Int {
        Int(try count("SELECT COUNT(*) AS number FROM follows WHERE host_id = ?1", [.text(hostID)]))
    }

    /// Changes nothing when they follow already.
    ///
    /// - Parameter most: how many one user may follow.
    /// - Throws: `user_not_found` when the host blocked them, for a block is not announced; `unblock_first` when they
    ///   blocked the host; `too_many_follows`.
    func follow(_ hostID: String, by userID: String, at now: Int64, most: Int) throws {
        try lock(hostID, userID)
        guard try !isBlocked(userID, by: hostID) else { throw APIError.userNotFound }
        guard try !isBlocked(hostID, by: userID) else { throw APIError.unblockFirst }
        guard try !isFollowing(userID, hostID) else { return }
        let follows = try count("SELECT COUNT(*) AS number FROM follows WHERE follower_id = ?1", [.text(userID)])
        guard follows < most else { throw APIError.tooManyFollows }
        try run(
            "INSERT INTO follows (follower_id, host_id, created_at) VALUES (?1, ?2, ?3)",
            [.text(userID), .text(hostID), .int(now)])
    }

    func unfollow(_ hostID: String, by userID: String) throws {
        try run("DELETE FROM follows WHERE follower_id = ?1 AND host_id = ?2", [.text(userID), .text(hostID)])
    }

    /// Ends the follows between the two as well. Changes nothing when the block stands already.
    ///
    /// - Parameter most: how many one user may block.
    /// - Throws: `too_many_blocks`.
    func block(_ userID: String, by hostID: String, at now: Int64, most: Int) throws {
        try lock(hostID, userID)
        guard try !isBlocked(userID, by: hostID) else { return }
        let blocks = try count("SELECT COUNT(*) AS number FROM blocks WHERE host_id = ?1", [.text(hostID)])
        guard blocks < most else { throw APIError.tooManyBlocks }
        try run(
            "INSERT INTO blocks (host_id, blocked_id, created_at) VALUES (?1, ?2, ?3)",
            [.text(hostID), .text(userID), .int(now)])
        try unfollow(hostID, by: userID)
        try unfollow(userID, by: hostID)
    }

    /// Those who blocked the host or whom the host blocked: neither sees the other in lists.
    func estranged(from hostID: String) throws -> Set<String> {
        let rows = try run(
            """
            SELECT blocked_id AS user_id FROM blocks WHERE host_id = ?1
            UNION SELECT host_id AS user_id FROM blocks WHERE blocked_id = ?1
            """, [.text(hostID)])
        return Set(try rows.map { try $0.text("user_id") })
    }

    func unblock(_ userID: String, by hostID: String) throws {
        try run("DELETE FROM blocks WHERE host_id = ?1 AND blocked_id = ?2", [.text(hostID), .text(userID)])
    }

    /// Of two changes between the same people at the same time, the later one sees what the earlier one did. SQLite
    /// has one writer at a time anyway.
    private func lock(_ one: String, _ other: String) throws {
        guard dialect == .postgreSQL else { return }
        try run(
            "SELECT 1 FROM users WHERE id IN (?1, ?2) ORDER BY id FOR NO KEY UPDATE", [.text(one), .text(other)])
    }

    private func count(_ sql: String, _ values: [SQLValue]) throws -> Int64 {
        try run(sql, values).first?.int("number") ?? 0
    }
}
