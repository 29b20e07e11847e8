extension SQLConnection {
    /// A user's profile as the viewer may see it.
    ///
    /// - Throws: `user_not_found` when the user blocked the viewer.
    func profile(of user: User, for viewerID: String?, status: StreamStatus) throws -> PublicProfile {
        if let viewerID, try isBlocked(viewerID, by: user.id) { throw APIError.userNotFound }
        let hosted = try hostedStream(of: user.id)
        return PublicProfile(
            id: user.id, username: user.username, displayName: user.displayName, imageUrl: OrNull(user.imageURL),
            bio: user.bio, createdAt: WallClock.text(user.createdAt), followerCount: try followerCount(of: user.id),
            isFollowing: try viewerID.map { try isFollowing($0, user.id) } ?? false,
            isBlocked: try viewerID.map { try isBlocked(user.id, by: $0) } ?? false,
            isLive: status.isLive, phase: status.phase.rawValue, viewerCount: status.viewerCount,
            stream: OrNull(hosted.map { .init(title: $0.stream.title, thumbnail: OrNull($0.thumbnail)) }))
    }
}
