/// A title that a stream has had.
struct FormerTitle: Sendable, Hashable {
    /// Grows with time.
    var number: Int64
    var title: String
    /// When the stream was given it; milliseconds since 1970.
    var changedAt: Int64
}

extension SQLConnection {
    func noteTitle(_ title: String, of userID: String, at now: Int64) throws {
        try run(
            "INSERT INTO title_history (user_id, title, changed_at) VALUES (?1, ?2, ?3)",
            [.text(userID), .text(title), .int(now)])
    }

    /// Newest first; the present one is among them.
    ///
    /// - Parameter number: only those before it; nil: from the newest.
    func titles(of userID: String, before number: Int64?, limit: Int) throws -> [FormerTitle] {
        try run(
            """
            SELECT id, title, changed_at FROM title_history WHERE user_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3
            """, [.text(userID), .int(number ?? .max), SQLValue(limit)]
        ).map { row in
            FormerTitle(number: try row.int("id"), title: try row.text("title"), changedAt: try row.int("changed_at"))
        }
    }
}
