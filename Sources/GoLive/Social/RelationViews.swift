/// What following and unfollowing answer.
struct FollowState: Encodable, Sendable {
    var isFollowing: Bool
    var followerCount: Int

    static let shape = Shape.object("FollowState", [("isFollowing", .bool), ("followerCount", .integer)])
}

/// What blocking and unblocking answer.
struct BlockState: Encodable, Sendable {
    var isBlocked: Bool

    static let shape = Shape.object("BlockState", [("isBlocked", .bool)])
}

/// Somebody in the host's lists of people.
struct AcquaintanceView: Encodable, Sendable {
    var user: HostSummary
    /// When the follow or the block began.
    var since: String

    init(_ acquaintance: Acquaintance) {
        user = HostSummary(acquaintance.user)
        since = WallClock.text(acquaintance.since)
    }

    static let shape = Shape.object("Acquaintance", [("user", HostSummary.shape), ("since", .time)])
}

/// What anyone may know of a user, and how the one who asks stands to them.
struct PublicProfile: Encodable, Sendable {
    struct StreamPart: Encodable, Sendable {
        var title: String
        var thumbnail: OrNull<String>
    }

    var id: String
    var username: String
    var displayName: String
    var imageUrl: OrNull<String>
    var bio: String
    var createdAt: String
    var followerCount: Int
    var isFollowing: Bool
    /// By the one who asks.
    var isBlocked: Bool
    var isLive: Bool
    var phase: String
    var viewerCount: Int
    /// Null before the user has set one up.
    var stream: OrNull<StreamPart>

    static let shape = Shape.object(
        "PublicProfile",
        [
            ("id", .string), ("username", .string), ("displayName", .string), ("imageUrl", .nullable(.string)),
            ("bio", .string), ("createdAt", .time), ("followerCount", .integer), ("isFollowing", .bool),
            ("isBlocked", .bool), ("isLive", .bool), ("phase", StreamStatusView.phaseShape),
            ("viewerCount", .integer),
            (
                "stream",
                .nullable(.object("ProfileStream", [("title", .string), ("thumbnail", .nullable(.string))]))
            ),
        ])
}
