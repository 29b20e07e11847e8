/// Finding streams: live, followed, recommended, searched for. What is live, and how many watch, is asked of its owner; the
/// rest is in the store.
struct Discovery: Sendable {
    let store: Store
    let streams: LiveStreams

    /// A page of a list. Numbers of viewers change while somebody turns pages: an item whose rank changed meanwhile may
    /// come again or be missed; one whose rank did not change comes once.
    ///
    /// - Throws: `invalid_cursor`.
    func page(_ list: StreamList, for viewer: User?, after cursor: Cursor?, limit: Int) async throws -> Page<StreamCard>
    {
        let place = try cursor.map(FoundStream.Place.init) ?? .start
        let live = await streams.live()
        let viewers = live.filter { $0.value.isWatchable }.mapValues(\.viewerCount)
        let found = try await store.read {
            try $0.streams(list, for: viewer?.id, viewers: viewers, after: place, limit: limit + 1)
        }
        return Page(found, limit: limit) {
            $0.place.cursor
        } item: {
            StreamCard($0.hosted, live[$0.hosted.host.id] ?? .offline)
        }
    }

    /// - Throws: `user_not_found`, also when they blocked the one who asks: a block is not announced.
    func profile(of username: String, for viewer: User?) async throws -> PublicProfile {
        guard let user = try await store.user(username: username) else { throw APIError.userNotFound }
        let status = await streams.status(of: user.id)
        return try await store.read { try $0.profile(of: user, for: viewer?.id, status: status) }
    }
}

extension StreamStatus {
    /// Whether there is, or was a moment ago, something to see: not before the first media.
    var isWatchable: Bool { phase == .live || phase == .reconnecting }
}

extension FoundStream.Place {
    /// - Throws: `invalid_cursor`.
    init(_ cursor: Cursor) throws(APIError) {
        ranks = [try cursor.integer(0), try cursor.integer(1), try cursor.integer(2)]
        hostID = cursor.keys[3]
    }

    /// Four keys.
    var cursor: Cursor { Cursor("\(ranks[0])", "\(ranks[1])", "\(ranks[2])", hostID) }
}
