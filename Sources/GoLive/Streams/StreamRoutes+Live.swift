import HTTPTypes

/// Going live and ending.
extension Application {
    var liveRoutes: [Route] { [goLive, endStream, readStatus, creatorToken] }

    private struct GoLiveView: Encodable, Sendable {
        var token: String
        var wsUrl: String
        var roomId: String
        var stream: StreamView

        static let shape = Shape.object(
            "GoLive", [("token", .string), ("wsUrl", .string), ("roomId", .string), ("stream", StreamView.shape)])
    }

    private var goLive: Route {
        Route(
            .post, "/api/stream/go-live", "Goes live: the token publishes; earlier ones no longer do.",
            access: .creator, rate: RateLimiter.Rule("go_live", 20, per: 60),
            body: .json([
                Field(
                    name: "takeOver", kind: .bool,
                    about: "Whether to go on from here when another page publishes; it is put out.")
            ]),
            answer: GoLiveView.shape, refusals: [.streamNotFound, .alreadyLive]
        ) { call in
            let user = try call.signedIn()
            let live = try await streams.goLive(user.id, takeOver: call.bool("takeOver") ?? false)
            let pass = try await viewers.publisherPass(for: user, at: live.tokenTime)
            return .data(
                GoLiveView(
                    token: pass.token, wsUrl: signallingURL(call), roomId: user.id,
                    stream: StreamView(live.stream, live.status)))
        }
    }

    private var endStream: Route {
        Route(
            .post, "/api/stream/end-stream", "Ends the stream at once for everyone.", access: .creator,
            answer: .message, refusals: [.streamNotFound]
        ) { call in
            try await streams.endStream(try call.signedIn().id)
            return .message("Stream ended")
        }
    }

    private var readStatus: Route {
        Route(
            .get, "/api/stream/status", "Whether the stream is live, since when, and how many watch.",
            access: .creator, answer: StreamStatusView.shape
        ) { call in
            .data(StreamStatusView(await streams.status(of: try call.signedIn().id)))
        }
    }

    private var creatorToken: Route {
        Route(
            .post, "/api/stream/creator-token", "A token with which the creator watches their own stream.",
            access: .creator, rate: RateLimiter.Rule("creator_token", 60, per: 60), answer: PassView.shape
        ) { call in
            let pass = try await viewers.selfViewPass(for: try call.signedIn())
            return .data(PassView(pass, wsUrl: signallingURL(call)))
        }
    }
}
