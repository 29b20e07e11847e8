/// What users change of themselves.
extension Accounts {
    /// - Throws: `unauthenticated` when the account is gone.
    func updateProfile(of userID: String, _ change: @escaping @Sendable (inout User) -> Void) async throws -> User {
        try await store.write { connection in
            try connection.lockUser(userID)
            guard var user = try connection.user(id: userID) else { throw APIError.unauthenticated }
            change(&user)
            try connection.updateProfile(of: user)
            try connection.indexForSearch(userID: userID)
            return user
        }
    }
}

extension Accounts {
    /// Everybody, in the order of names; at most 10 000.
    package func list() async throws -> [User] {
        try await store.read { try $0.users(limit: 10_000) }
    }
}
