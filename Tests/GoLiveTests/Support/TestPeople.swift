import Foundation

@testable import GoLive

extension Store {
    /// Somebody new, straight into the store.
    @discardableResult
    func addUser(
        _ name: String, role: User.Role = .user, creator: User.CreatorStatus = .none
    ) async throws -> User {
        let user = User(
            id: UUID().uuidString.lowercased(), username: name, displayName: name.capitalized, bio: "", imageURL: nil,
            role: role, creatorStatus: creator, createdAt: WallClock.now())
        try await write { try $0.insert(user, passwordHash: nil) }
        return user
    }
}

/// Somebody who is signed in.
struct TestPerson: Sendable {
    var user: User
    var token: String
}

extension TestServer {
    var store: Store { server.application.store }

    /// Somebody new with a session, without going through a password.
    func person(
        _ name: String, role: User.Role = .user, creator: User.CreatorStatus = .none
    ) async throws -> TestPerson {
        let user = try await store.addUser(name, role: role, creator: creator)
        let token = SessionToken.random()
        let now = WallClock.now()
        try await store.write {
            try $0.insertSession(
                tokenHash: SessionToken.hash(token), userID: user.id, createdAt: now, expiresAt: now + 3_600_000)
        }
        return TestPerson(user: user, token: token)
    }

    func creator(_ name: String) async throws -> TestPerson { try await person(name, creator: .approved) }
}

extension Store {
    /// A stream for a user, straight into the store.
    @discardableResult
    func addStream(
        of user: User, title: String = "A stream", phase: GoLive.Stream.Phase = .offline,
        chat: ChatSettings = ChatSettings()
    ) async throws -> GoLive.Stream {
        let now = WallClock.now()
        let stream = GoLive.Stream(
            id: UUID().uuidString.lowercased(), userID: user.id, title: title, description: "", thumbnail: nil,
            phase: phase, liveSessionID: nil, startedAt: phase == .offline ? nil : now, chat: chat, createdAt: now,
            updatedAt: now)
        try await write { try $0.insert(stream) }
        return stream
    }
}
