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
