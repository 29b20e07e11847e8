import HTTPTypes

/// Watching one stream.
extension Application {
    var viewerRoutes: [Route] { [watchPage, viewerToken] }

    private struct WatchView: Encodable, Sendable {
        var stream: OrNull<StreamView>
        var host: HostView

        static let shape = Shape.object("Watch", [("stream", .nullable(StreamView.shape)), ("host", HostView.shape)])
    }

    private var watchPage: Route {
        Route(
            .get, "/api/viewer/stream/{username}", "A stream and who streams it.", access: .anyone,
            query: [
                Field(
                    name: "absent", kind: .choice(["null"]),
                    about:
                        "What is not there is null, the stream or all, rather than refused: browsers complain of refusals."
                )
            ],
            answer: .nullable(WatchView.shape), refusals: [.streamNotFound]
        ) { call in
            let name = try call.parameter("username")
            let viewer = call.user
            let found = try await store.read { connection -> (HostedStream?, HostView)? in
                guard let user = try connection.user(username: name) else { return nil }
                // Who is blocked learns no more than of a stream that is not there.
                if let viewer, try connection.isBlocked(viewer.id, by: user.id) { return nil }
                let host = HostView(
                    user, followerCount: try connection.followerCount(of: user.id),
                    isFollowing: try viewer.map { try connection.isFollowing($0.id, user.id) } ?? false)
                return (try connection.hostedStream(of: user.id), host)
            }
            guard call.text("absent") != nil || found?.0 != nil else { throw APIError.streamNotFound }
            guard let (hosted, host) = found else { return .data(OrNull<WatchView>(nil)) }
            guard let hosted else { return .data(WatchView(stream: OrNull(nil), host: host)) }
            let status = await streams.status(of: hosted.host.id)
            return .data(WatchView(stream: OrNull(StreamView(hosted, status)), host: host))
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
