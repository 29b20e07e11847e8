/// Who follows and who blocked whom.
extension SQLConnection {
    func isBlocked(_ userID: String, by hostID: String) throws -> Bool {
        try !run("SELECT 1 FROM blocks WHERE host_id = ?1 AND blocked_id = ?2", [.text(hostID), .text(userID)]).isEmpty
    }

    func isFollowing(_ userID: String, _ hostID: String) throws -> Bool {
        try !run("SELECT 1 FROM follows WHERE follower_id = ?1 AND host_id = ?2", [.text(userID), .text(hostID)])
            .isEmpty
    }

    func followerCount(of hostID: String) throws -> Int {
        Int(
            try run("SELECT COUNT(*) AS number FROM follows WHERE host_id = ?1", [.text(hostID)])
                .first?.int("number") ?? 0)
    }
}
