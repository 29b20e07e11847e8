import Foundation
import HTTPTypes

/// Registering, and signing in and out.
extension Accounts {
    /// What somebody who signs in is given.
    struct SignIn: Sendable {
        var token: String
        var user: User
    }

    /// - Parameter displayName: nil or empty: the username.
    /// - Throws: `invalid_username`, `username_taken`, `weak_password`; `unavailable` when too many wait.
    package func register(
        _ username: String, password: String, displayName: String? = nil, role: User.Role = .user,
        creator: User.CreatorStatus = .none
    ) async throws -> User {
        if let fault = Username.fault(in: username) { throw APIError.invalidUsername(fault) }
        if let weakness = PasswordRule.weakness(of: password, username: username) {
            throw APIError.weakPassword(weakness)
        }
        guard try await store.user(username: username) == nil else { throw APIError.usernameTaken }
        let hash = try await passwords.hash(password)
        let shown = displayName.flatMap { $0.isEmpty ? nil : $0 } ?? username
        let user = User(
            id: UUID().uuidString.lowercased(), username: username, displayName: shown, bio: "", imageURL: nil,
            role: role, creatorStatus: creator, createdAt: WallClock.now())
        do {
            return try await store.write { [settings] connection in
                try connection.register(user, passwordHash: hash, firstIsAdmin: settings.firstUserIsAdmin)
            }
        } catch SQLError.notUnique {
            throw APIError.usernameTaken
        }
    }

    /// - Throws: `invalid_credentials`, as late for an unknown name as for a wrong password.
    func signIn(_ username: String, password: String) async throws -> SignIn {
        let (user, hash) = try await store.read { connection in
            let user = try connection.user(username: username)
            return (user, try user.flatMap { try connection.passwordHash(of: $0.id) })
        }
        guard try await passwords.isRight(password, hash: hash), let user else { throw APIError.invalidCredentials }
        return try await openSession(for: user, passwordHash: hash)
    }

    /// - Parameter passwordHash: the one that was checked; when it has changed since, the password is no longer right.
    func openSession(for user: User, passwordHash: String? = nil) async throws -> SignIn {
        let token = SessionToken.random()
        let now = WallClock.now()
        try await store.write { connection in
            try connection.lockUser(user.id)
            if let passwordHash, try connection.passwordHash(of: user.id) != passwordHash {
                throw APIError.invalidCredentials
            }
            try connection.insertSession(
                tokenHash: SessionToken.hash(token), userID: user.id, createdAt: now, expiresAt: now + Session.lifetime,
                limit: Session.limit)
        }
        return SignIn(token: token, user: user)
    }

    func signOut(_ token: String) async throws {
        try await store.write { try $0.deleteSession(tokenHash: SessionToken.hash(token)) }
    }

    /// Ends every session of theirs as well.
    ///
    /// - Throws: `user_not_found`, `weak_password`.
    package func setPassword(_ password: String, of username: String) async throws {
        guard let user = try await store.user(username: username) else { throw APIError.userNotFound }
        if let weakness = PasswordRule.weakness(of: password, username: user.username) {
            throw APIError.weakPassword(weakness)
        }
        let hash = try await passwords.hash(password)
        try await store.write { try $0.updatePassword(of: user.id, hash: hash) }
    }

    /// - Parameter token: of the session that goes on; all others end.
    /// - Throws: `invalid_credentials` when `current` is not the password, also for those who sign in elsewhere and have
    ///   none; `weak_password`; `unavailable` when too many wait.
    func changePassword(of user: User, from current: String, to new: String, keeping token: String?) async throws {
        let known = try await store.read { try $0.passwordHash(of: user.id) }
        guard try await passwords.isRight(current, hash: known) else { throw APIError.wrongPassword }
        if let weakness = PasswordRule.weakness(of: new, username: user.username) {
            throw APIError.weakPassword(weakness, field: "newPassword")
        }
        let hash = try await passwords.hash(new)
        let kept = token.map(SessionToken.hash)
        try await store.write { connection in
            try connection.lockUser(user.id)
            guard try connection.passwordHash(of: user.id) == known else { throw APIError.wrongPassword }
            try connection.updatePassword(of: user.id, hash: hash, keepingSession: kept)
        }
    }
}

extension APIError {
    static let invalidCredentials = APIError(
        .unauthorized, "invalid_credentials", "The username or the password is wrong.")
    static let wrongPassword = APIError(
        .unauthorized, "invalid_credentials", "The current password is wrong.",
        details: ["currentPassword": "is wrong"])
}
