/// Finding users.
extension Store {
    package func user(id: String) async throws -> User? {
        try await read { try $0.user(id: id) }
    }

    package func user(username: String) async throws -> User? {
        try await read { try $0.user(username: username) }
    }
}

extension SQLConnection {
    func user(id: String) throws -> User? {
        try run("SELECT \(User.columns) FROM users u WHERE u.id = ?1", [.text(id)]).first.map(User.init)
    }

    func user(externalID: String) throws -> User? {
        try run("SELECT \(User.columns) FROM users u WHERE u.external_id = ?1", [.text(externalID)]).first.map(
            User.init)
    }

    /// By name, in the order of names.
    func users(limit: Int) throws -> [User] {
        try run(
            "SELECT \(User.columns) FROM users u ORDER BY u.username_key LIMIT ?1", [SQLValue(limit)]
        ).map(User.init)
    }

    /// - Returns: nil for those who sign in elsewhere, and for nobody.
    func passwordHash(of userID: String) throws -> String? {
        try run("SELECT password_hash FROM users WHERE id = ?1", [.text(userID)]).first?.optionalText("password_hash")
    }

    /// Keeps others from changing what concerns this user until the transaction ends. SQLite has one writer at a time.
    func lockUser(_ id: String) throws {
        guard dialect == .postgreSQL else { return }
        try run("SELECT id FROM users WHERE id = ?1 FOR UPDATE", [.text(id)])
    }

    /// Without regard to case.
    func user(username: String) throws -> User? {
        try run(
            "SELECT \(User.columns) FROM users u WHERE u.username_key = ?1", [.text(username.lowercased())]
        ).first.map(User.init)
    }
}

/// Making and changing users.
extension SQLConnection {
    /// - Parameter passwordHash: nil for those who sign in elsewhere.
    /// - Throws: `SQLError.notUnique` when the name or the external id is taken.
    func insert(_ user: User, passwordHash: String?) throws {
        try run(
            """
            INSERT INTO users (id, username, username_key, display_name, bio, image_url, password_hash, external_id,
                role, creator_status, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            """,
            [
                .text(user.id), .text(user.username), .text(user.username.lowercased()), .text(user.displayName),
                .text(user.bio), SQLValue(user.imageURL), SQLValue(passwordHash), SQLValue(user.externalID),
                .text(user.role.rawValue), .text(user.creatorStatus.rawValue), .int(user.createdAt),
            ])
    }

    /// Inserts the user; the first of all becomes an administrator and an approved creator where `firstIsAdmin` says so.
    /// Two who come at once cannot both be the first.
    func register(_ user: User, passwordHash: String?, firstIsAdmin: Bool) throws -> User {
        var user = user
        if firstIsAdmin {
            if dialect == .postgreSQL { try run("SELECT pg_advisory_xact_lock(7881)") }
            if try run("SELECT 1 AS one FROM users LIMIT 1").isEmpty {
                user.role = .admin
                user.creatorStatus = .approved
            }
        }
        try insert(user, passwordHash: passwordHash)
        return user
    }

    /// What somebody may change of themselves.
    func updateProfile(of user: User) throws {
        try run(
            "UPDATE users SET display_name = ?2, bio = ?3, image_url = ?4 WHERE id = ?1",
            [.text(user.id), .text(user.displayName), .text(user.bio), SQLValue(user.imageURL)])
    }

    func updateRole(of userID: String, to role: User.Role) throws {
        try run("UPDATE users SET role = ?2 WHERE id = ?1", [.text(userID), .text(role.rawValue)])
    }

    func updateCreatorStatus(of userID: String, to status: User.CreatorStatus) throws {
        try run("UPDATE users SET creator_status = ?2 WHERE id = ?1", [.text(userID), .text(status.rawValue)])
    }

    /// A new password, which ends every session but one.
    ///
    /// - Parameter tokenHash: of the session that goes on.
    func updatePassword(of userID: String, hash: String, keepingSession tokenHash: String? = nil) throws {
        try run("UPDATE users SET password_hash = ?2 WHERE id = ?1", [.text(userID), .text(hash)])
        try run(
            "DELETE FROM sessions WHERE user_id = ?1 AND token_hash <> ?2", [.text(userID), .text(tokenHash ?? "")])
    }
}
