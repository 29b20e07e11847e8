/// A stream in a list, with who streams it.
struct StreamCard: Encodable, Sendable {
    var stream: StreamView
    var host: HostSummary
    var viewerCount: Int
    var thumbnail: OrNull<String>

    init(_ hosted: HostedStream, _ status: StreamStatus) {
        stream = StreamView(hosted, status)
        host = HostSummary(hosted.host)
        viewerCount = status.viewerCount
        thumbnail = OrNull(hosted.thumbnail)
    }

    static let shape = Shape.object(
        "StreamCard",
        [
            ("stream", StreamView.shape), ("host", HostSummary.shape), ("viewerCount", .integer),
            ("thumbnail", .nullable(.string)),
        ])
}

/// Who streams, as lists show them.
struct HostSummary: Encodable, Sendable {
    var id: String
    var username: String
    var displayName: String
    var imageUrl: OrNull<String>

    init(_ user: User) {
        id = user.id
        username = user.username
        displayName = user.displayName
        imageUrl = OrNull(user.imageURL)
    }

    static let fields: [(String, Shape)] = [
        ("id", .string), ("username", .string), ("displayName", .string), ("imageUrl", .nullable(.string)),
    ]
    static let shape = Shape.object("HostSummary", fields)
}

/// Who streams, as the watch page shows them to somebody.
struct HostView: Encodable, Sendable {
    var id: String
    var username: String
    var displayName: String
    var imageUrl: OrNull<String>
    var bio: String
    var followerCount: Int
    /// Whether the one who asks follows them.
    var isFollowing: Bool

    init(_ user: User, followerCount: Int, isFollowing: Bool) {
        id = user.id
        username = user.username
        displayName = user.displayName
        imageUrl = OrNull(user.imageURL)
        bio = user.bio
        self.followerCount = followerCount
        self.isFollowing = isFollowing
    }

    static let shape = Shape.object(
        "Host", HostSummary.fields + [("bio", .string), ("followerCount", .integer), ("isFollowing", .bool)])
}
