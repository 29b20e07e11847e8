/// A user as they see themselves.
struct AccountData: Encodable, Sendable {
    var id: String
    var username: String
    var displayName: String
    var imageUrl: String?
    var bio: String
    var role: String
    var creatorStatus: String
    var externalUserId: String?
    var createdAt: String

    init(_ user: User) {
        id = user.id
        username = user.username
        displayName = user.displayName
        imageUrl = user.imageURL
        bio = user.bio
        role = user.role.rawValue
        creatorStatus = user.creatorStatus.rawValue
        // The subject: what stands behind the issuer.
        externalUserId = user.externalID.map { String($0.drop { $0 != "|" }.dropFirst()) }
        createdAt = WallClock.text(user.createdAt)
    }

    static let shape = Shape.object(
        "Account",
        [
            ("id", .string), ("username", .string), ("displayName", .string), ("imageUrl", .nullable(.string)),
            ("bio", .string), ("role", .choice(User.Role.allCases.map(\.rawValue))),
            ("creatorStatus", .choice(User.CreatorStatus.allCases.map(\.rawValue))),
            ("externalUserId", .nullable(.string)), ("createdAt", .time),
        ])
}

/// What signing in gives.
struct SignInData: Encodable, Sendable {
    var token: String
    var user: AccountData

    static let shape = Shape.object("SignIn", [("token", .string), ("user", AccountData.shape)])
}

/// One of the caller's sessions.
struct SessionData: Encodable, Sendable {
    var id: String
    var createdAt: String
    var expiresAt: String
    var isCurrent: Bool

    init(_ session: Session, isCurrent: Bool) {
        id = session.id
        createdAt = WallClock.text(session.createdAt)
        expiresAt = WallClock.text(session.expiresAt)
        self.isCurrent = isCurrent
    }

    static let shape = Shape.object(
        "Session", [("id", .string), ("createdAt", .time), ("expiresAt", .time), ("isCurrent", .bool)])
}
