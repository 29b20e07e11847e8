/// What search knows of users.
extension SQLConnection {
    /// Writes anew what search knows of one user, from their profile and their stream. To be called in every transaction
    /// that changes a username, a display name, a title or a description. Users without a stream are not found.
    func indexForSearch(userID: String) throws {
        let row = try run(
            """
            SELECT u.username, u.display_name, s.title, s.description
            FROM users u JOIN streams s ON s.user_id = u.id WHERE u.id = ?1
            """, [.text(userID)]
        ).first
        guard let row else {
            try run("DELETE FROM search WHERE user_id = ?1", [.text(userID)])
            return
        }
        let texts = try ["username", "display_name", "title", "description"].map { try row.text($0) }
        try run(
            """
            INSERT INTO search (user_id, document) VALUES (?1, ?2)
            ON CONFLICT (user_id) DO UPDATE SET document = excluded.document
            """, [.text(userID), .text(SearchText.document(texts))])
    }
}
