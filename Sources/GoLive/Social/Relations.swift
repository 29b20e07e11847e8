import HTTPTypes
import Logging
import Relay
import Signal

/// Following and blocking, and what follows from them at once.
struct Relations: Sendable {
    /// How many one user may follow, and how many block.
    static let mostFollows = 10_000
    static let mostBlocks = 10_000

    let store: Store
    let relay: Relay
    let revocations: Revocations
    let updates: LiveUpdates
    let chat: ChatModerator
    let logger: Logger

    /// - Returns: who is followed now.
    /// - Throws: `user_not_found`, also when they blocked the follower; `self`; `unblock_first`; `too_many_follows`.
    func follow(_ username: String, by follower: User) async throws -> User {
        let host = try await store.write { connection in
            let host = try connection.user(named: username, otherThan: follower)
            try connection.follow(host.id, by: follower.id, at: WallClock.now(), most: Self.mostFollows)
            return host
        }
        await chat.rightsChanged(of: follower.id, hostID: host.id)
        return host
    }

    /// - Throws: `user_not_found`, `self`.
    func unfollow(_ username: String, by follower: User) async throws -> User {
        let host = try await store.write { connection in
            let host = try connection.user(named: username, otherThan: follower)
            try connection.unfollow(host.id, by: follower.id)
            return host
        }
        await chat.rightsChanged(of: follower.id, hostID: host.id)
        return host
    }

    /// Once this returns, the blocked one is in the host's room no more and no token issued until now lets them in. That
    /// holds only in this order: tokens are checked against the store once their time of issue is fixed, so that one
    /// which missed the block is older than its revocation.
    ///
    /// - Throws: `user_not_found`, `self`, `too_many_blocks`.
    func block(_ username: String, by host: User) async throws {
        let blocked = try await store.write { connection in
            let blocked = try connection.user(named: username, otherThan: host)
            try connection.block(blocked.id, by: host.id, at: WallClock.now(), most: Self.mostBlocks)
            return blocked
        }
        await revocations.revoke(blocked.id, in: host.id)
        await remove(blocked.id, from: host.id)
        await updates.dismiss(blocked.id, hostID: host.id)
        await updates.hide(blocked.id, from: host.id)
        // The host followed them no more from here on.
        await chat.rightsChanged(of: host.id, hostID: blocked.id)
    }

    /// Tokens issued after this let them in again; `Revocations` says what that means within one second.
    ///
    /// - Throws: `user_not_found`, `self`.
    func unblock(_ username: String, by host: User) async throws {
        try await store.write { connection in
            let blocked = try connection.user(named: username, otherThan: host)
            try connection.unblock(blocked.id, by: host.id)
        }
    }

    /// Revokes again what an earlier run had revoked, for revocations are in memory only. Before anyone is let in.
    func recover() async throws {
        let start = WallClock.now() - Revocations.longestMemory * 1000
        let blocks = try await store.read { try $0.blocks(since: start, limit: Revocations.standardCapacity) }
        for (hostID, blockedID) in blocks { await revocations.revoke(blockedID, in: hostID) }
    }

    /// Puts out those whose block was written between the check of their token and their coming in, until the events end.
    func run(_ events: AsyncStream<RelayEvent>) async {
        for await case .participantJoined(let room, let participant) in events {
            do {
                guard try await store.read({ try $0.isBlocked(participant.identity, by: room.name) }) else { continue }
                await remove(participant.identity, from: room.name)
            } catch {
                logger.error("a participant's block could not be looked up", metadata: ["error": "\(error)"])
            }
        }
    }

    private func remove(_ identity: String, from room: String) async {
        do throws(RelayError) {
            try await relay.remove(identity, from: room, reason: .participantRemoved)
        } catch {
            // Nobody to remove: they are not watching.
        }
    }
}

extension SQLConnection {
    /// - Throws: `user_not_found`, or `self`.
    fileprivate func user(named username: String, otherThan user: User) throws -> User {
        guard let other = try self.user(username: username) else { throw APIError.userNotFound }
        guard other.id != user.id else { throw APIError.cannotDoToYourself }
        return other
    }
}

extension APIError {
    static let unblockFirst = APIError(.conflict, "unblock_first", "You blocked this user; unblock them first.")
    static let tooManyFollows = APIError(
        .conflict, "too_many_follows", "You follow \(Relations.mostFollows) users; unfollow somebody first.")
    static let tooManyBlocks = APIError(
        .conflict, "too_many_blocks", "You blocked \(Relations.mostBlocks) users; unblock somebody first.")
}
