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

    /// Without regard to case.
    func user(username: String) throws -> User? {
        try run(
            "SELECT \(User.columns) FROM users u WHERE u.username_key = ?1", [.text(username.lowercased())]
        ).first.map(User.init)
    }
}

/// Making users.
extension SQLConnection {
    /// - Parameters:
    ///   - passwordHash: nil for those who sign in elsewhere.
    ///   - externalID: issuer and subject of an outside identity provider.
    /// - Throws: `SQLError.notUnique` when the name or the external id is taken.
    func insert(_ user: User, passwordHash: String?, externalID: String? = nil) throws {
        try run(
            """
            INSERT INTO users (id, username, username_key, display_name, bio, image_url, password_hash, external_id,
                role, creator_status, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            """,
            [
                .text(user.id), .text(user.username), .text(user.username.lowercased()), .text(user.displayName),
                .text(user.bio), SQLValue(user.imageURL), SQLValue(passwordHash), SQLValue(externalID),
                .text(user.role.rawValue), .text(user.creatorStatus.rawValue), .int(user.createdAt),
            ])
    }
}
