import HTTPTypes

/// Watching one stream.
extension Application {
    var viewerRoutes: [Route] { [watchPage, viewerToken] }

    private struct WatchView: Encodable, Sendable {
        var stream: StreamView
        var host: HostView

        static let shape = Shape.object("Watch", [("stream", StreamView.shape), ("host", HostView.shape)])
    }

    private var watchPage: Route {
        Route(
            .get, "/api/viewer/stream/{username}", "A stream and who streams it.", access: .anyone,
            answer: WatchView.shape, refusals: [.streamNotFound]
        ) { call in
            let name = try call.parameter("username")
            let viewerID = call.user?.id
            let found = try await store.read { connection -> (HostedStream, HostView)? in
                guard
                    let user = try connection.user(username: name),
                    let hosted = try connection.hostedStream(of: user.id)
                else { return nil }
                // Who is blocked learns no more than of a stream that is not there.
                if let viewerID, try connection.isBlocked(viewerID, by: user.id) { return nil }
                let host = HostView(
                    user, followerCount: try connection.followerCount(of: user.id),
                    isFollowing: try viewerID.map { try connection.isFollowing($0, user.id) } ?? false)
                return (hosted, host)
            }
            guard let (hosted, host) = found else { throw APIError.streamNotFound }
            let status = await streams.status(of: hosted.host.id)
            return .data(WatchView(stream: StreamView(hosted, status), host: host))
        }
    }

    private var viewerToken: Route {
        Route(
            .post, "/api/viewer/token", "A token to watch with; it never publishes.", access: .anyone,
            rate: RateLimiter.Rule("viewer_token", 120, per: 60),
            body: .json([
                Field(
                    name: "hostId", kind: .text(1...64, lines: .one), isRequired: true,
                    about: "The id or the username of who streams."),
                Field(
                    name: "guestName", kind: .text(1...40, lines: .one),
                    about: "What a guest is called; ignored for signed-in users."),
            ]),
            answer: PassView.shape, refusals: [.hostNotFound, .blocked]
        ) { call in
            let pass = try await viewers.viewerPass(
                to: call.text("hostId") ?? "", viewer: call.user, guestName: call.text("guestName"))
            return .data(PassView(pass, wsUrl: signallingURL(call)))
        }
    }
}
