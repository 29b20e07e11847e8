import HTTPTypes

/// Following, blocking, and who does so.
extension Application {
    var relationRoutes: [Route] {
        [followRoute, unfollowRoute, blockRoute, unblockRoute, profileRoute, followersRoute, blockedRoute]
    }

    private var followRoute: Route {
        Route(
            .put, "/api/users/{username}/follow", "Follow somebody", access: .user, rate: .changes,
            answer: FollowState.shape,
            refusals: [.cannotDoToYourself, .userNotFound, .unblockFirst, .tooManyFollows]
        ) { call in
            let host = try await relations.follow(try call.parameter("username"), by: try call.signedIn())
            return .data(try await followState(true, host))
        }
    }

    private var unfollowRoute: Route {
        Route(
            .delete, "/api/users/{username}/follow", "Follow somebody no more", access: .user, rate: .changes,
            answer: FollowState.shape, refusals: [.cannotDoToYourself, .userNotFound]
        ) { call in
            let host = try await relations.unfollow(try call.parameter("username"), by: try call.signedIn())
            return .data(try await followState(false, host))
        }
    }

    private var blockRoute: Route {
        Route(
            .put, "/api/users/{username}/block", "Block somebody: they leave your room at once and see you no more",
            access: .user, rate: .changes, answer: BlockState.shape,
            refusals: [.cannotDoToYourself, .userNotFound, .tooManyBlocks]
        ) { call in
            try await relations.block(try call.parameter("username"), by: try call.signedIn())
            return .data(BlockState(isBlocked: true))
        }
    }

    private var unblockRoute: Route {
        Route(
            .delete, "/api/users/{username}/block", "Block somebody no more", access: .user, rate: .changes,
            answer: BlockState.shape, refusals: [.cannotDoToYourself, .userNotFound]
        ) { call in
            try await relations.unblock(try call.parameter("username"), by: try call.signedIn())
            return .data(BlockState(isBlocked: false))
        }
    }

    private var profileRoute: Route {
        Route(
            .get, "/api/users/{username}", "Somebody's public profile", access: .anyone,
            answer: PublicProfile.shape, refusals: [.userNotFound]
        ) { call in
            .data(try await discovery.profile(of: try call.parameter("username"), for: call.user))
        }
    }

    private var followersRoute: Route {
        Route(
            .get, "/api/stream/followers", "Who follows you, latest first", access: .creator, query: .paging,
            answer: .page(AcquaintanceView.shape), refusals: [.invalidCursor]
        ) { call in
            try await acquaintances(call) { try $0.followers(of: $1, after: $2, limit: $3) }
        }
    }

    /// For every user, as blocking is.
    private var blockedRoute: Route {
        Route(
            .get, "/api/stream/blocked", "Whom you blocked, latest first", access: .user, query: .paging,
            answer: .page(AcquaintanceView.shape), refusals: [.invalidCursor]
        ) { call in
            try await acquaintances(call) { try $0.blocked(by: $1, after: $2, limit: $3) }
        }
    }

    private func followState(_ isFollowing: Bool, _ host: User) async throws -> FollowState {
        FollowState(
            isFollowing: isFollowing, followerCount: try await store.read { try $0.followerCount(of: host.id) })
    }

    private func acquaintances(
        _ call: Call,
        list: @escaping @Sendable (any SQLConnection, String, (since: Int64, id: String)?, Int) throws -> [Acquaintance]
    ) async throws -> Reply {
        let host = try call.signedIn()
        let limit = call.limit
        let last = try call.cursor(keys: 2).map { (since: try $0.integer(0), id: $0.keys[1]) }
        let found = try await store.read { try list($0, host.id, last, limit + 1) }
        return .data(
            Page(found, limit: limit) {
                Cursor("\($0.since)", $0.user.id)
            } item: {
                AcquaintanceView($0)
            })
    }
}
