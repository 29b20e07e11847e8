import Relay
import Signal

/// Tokens for rooms of streams: for those who stream, and for those who watch.
struct Viewers: Sendable {
    let store: Store
    let tokens: AccessTokens
    let revocations: Revocations
    let streams: LiveStreams
    let chat: ChatModerator

    /// Of every token that is issued here.
    static let lifetime = Duration.seconds(6 * 3600)

    /// A token with what it says of its bearer.
    struct Pass: Sendable {
        var token: String
        var identity: String
        var name: String
    }

    /// For the creator's page that publishes.
    ///
    /// - Parameter time: of `LiveStreams.goLive`.
    func publisherPass(for host: User, at time: Int64) async throws -> Pass {
        var grant = Self.grant(room: host.id, identity: host.id, name: host.displayName, role: "host", user: host)
        grant.canPublish = true
        grant.canPublishData = true
        return try await pass(grant, at: time)
    }

    /// For the creator who watches themself.
    func selfViewPass(for host: User) async throws -> Pass {
        try await streams.openRoom(of: host.id)
        let identity = RoomPresence.selfViewIdentity(of: host.id)
        return try await pass(
            Self.grant(room: host.id, identity: identity, name: host.displayName, role: "host", user: host))
    }

    /// For somebody who watches.
    ///
    /// - Parameters:
    ///   - host: the id or the name of who streams.
    ///   - viewer: nil for a guest.
    /// - Throws: `host_not_found`, `blocked`.
    func viewerPass(to host: String, viewer: User?, guestName: String?) async throws -> Pass {
        let found = try await store.read { connection -> (host: HostedStream, isBlocked: Bool)? in
            guard
                let user = try connection.user(id: host.lowercased()) ?? connection.user(username: host),
                let hosted = try connection.hostedStream(of: user.id)
            else { return nil }
            return (hosted, try viewer.map { try connection.isBlocked($0.id, by: user.id) } ?? false)
        }
        guard let found else { throw APIError.hostNotFound }
        guard !found.isBlocked else { throw APIError.blocked }
        try await streams.openRoom(of: found.host.host.id)

        var grant = Self.viewerGrant(of: found.host.host.id, viewer: viewer, guestName: guestName)
        grant.canPublishData = try await chat.mayChat(
            grant.identity, userID: viewer?.id, hostID: found.host.host.id)
        return try await pass(grant)
    }

    private static func viewerGrant(of hostID: String, viewer: User?, guestName: String?) -> Grant {
        guard let viewer else {
            let identity = guestIdentity(at: WallClock.now(), random: .random(in: 0 ... .max))
            return grant(room: hostID, identity: identity, name: guestName ?? "Guest", role: "guest", user: nil)
        }
        let isHost = viewer.id == hostID
        return grant(
            room: hostID, identity: isHost ? RoomPresence.selfViewIdentity(of: hostID) : viewer.id,
            name: viewer.displayName, role: isHost ? "host" : "viewer", user: viewer)
    }

    /// `guest-{timestamp}-{random}`: milliseconds since 1970, and 64 bits in base 36.
    static func guestIdentity(at now: Int64, random: UInt64) -> String {
        "guest-\(now)-\(String(random, radix: 36))"
    }

    /// May join and watch, and nothing else.
    private static func grant(room: String, identity: String, name: String, role: String, user: User?) -> Grant {
        var attributes = ["role": role]
        attributes["username"] = user?.username
        return Grant(
            identity: identity, name: name, attributes: attributes, room: room, roomJoin: true, canPublish: false,
            canSubscribe: true, canPublishData: false, canUpdateOwnMetadata: false)
    }

    /// - Parameter time: nil for the earliest at which the bearer is let in.
    private func pass(_ grant: Grant, at time: Int64? = nil) async throws -> Pass {
        let issueTime: Int64
        if let time {
            issueTime = time
        } else {
            issueTime = await revocations.issueTime(for: grant.identity, in: grant.room ?? "")
        }
        let token = try await tokens.issue(grant, ttl: Self.lifetime, at: issueTime)
        return Pass(token: token, identity: grant.identity, name: grant.name)
    }
}
