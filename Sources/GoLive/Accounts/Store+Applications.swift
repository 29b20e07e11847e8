/// Applications to create streams: at most one of each user, whose `creator_status` always says the same.
extension SQLConnection {
    func application(of userID: String) throws -> CreatorApplication? {
        try run(
            "SELECT \(CreatorApplication.columns) FROM creator_applications a WHERE a.user_id = ?1", [.text(userID)]
        ).first.map(CreatorApplication.init)
    }

    /// Replaces the one before it.
    func put(_ application: CreatorApplication, decidedBy: String? = nil) throws {
        try run(
            """
            INSERT INTO creator_applications (user_id, reason, status, created_at, decided_at, decided_by)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (user_id) DO UPDATE SET reason = excluded.reason, status = excluded.status,
                created_at = excluded.created_at, decided_at = excluded.decided_at, decided_by = excluded.decided_by
            """,
            [
                .text(application.userID), .text(application.reason), .text(application.status.rawValue),
                .int(application.createdAt), SQLValue(application.decidedAt), SQLValue(decidedBy),
            ])
        try updateCreatorStatus(of: application.userID, to: application.status.creatorStatus)
    }

    /// Oldest first.
    ///
    /// - Parameters:
    ///   - status: nil: any.
    ///   - after: when, and by whom, the one before the first was made.
    func applications(
        status: CreatorApplication.Status?, after: (createdAt: Int64, userID: String)?, limit: Int
    ) throws -> [(application: CreatorApplication, user: User)] {
        var conditions = ["1 = 1"]
        var values = [SQLValue(limit)]
        if let status {
            values.append(.text(status.rawValue))
            conditions.append("a.status = ?\(values.count)")
        }
        if let after {
            values += [.int(after.createdAt), .text(after.userID)]
            conditions.append("(a.created_at, a.user_id) > (?\(values.count - 1), ?\(values.count))")
        }
        return try run(
            """
            SELECT \(CreatorApplication.columns), \(User.columns)
            FROM creator_applications a JOIN users u ON u.id = a.user_id
            WHERE \(conditions.joined(separator: " AND "))
            ORDER BY a.created_at, a.user_id LIMIT ?1
            """, values
        ).map { (try CreatorApplication($0), try User($0)) }
    }
}
