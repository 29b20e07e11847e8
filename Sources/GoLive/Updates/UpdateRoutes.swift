import HTTPTypes
import Hummingbird

extension Application {
    var updateRoutes: [Route] {
        [
            Route(
                .get, "/api/events/{username}", "Live updates of a host as Server-Sent Events.", access: .anyone,
                rate: .events,
                query: [
                    Field(
                        name: "lastEventId", kind: .text(0...128, lines: .one),
                        about: "As the header `Last-Event-ID`, for clients that cannot set one.")
                ],
                answer: .raw("text/event-stream"), refusals: [.hostNotFound, .streamNotFound, .tooManyListeners]
            ) { call in .raw(try await listen(call)) }
        ]
    }

    private func listen(_ call: Call) async throws -> Response {
        guard let host = try await store.user(username: try call.parameter("username")) else {
            throw APIError.hostNotFound
        }
        guard call.request.method != .head else {
            _ = try await snapshot(of: host, for: call.user)
            return .events(body: ResponseBody())
        }
        let lastID = call.request.headers[.lastEventID] ?? call.text("lastEventId")
        let feed = try await updates.join(host.id, userID: call.user?.id, after: lastID.flatMap(EventID.init(parsing:)))
        // Only after joining, so that neither a change nor a block between the two goes unnoticed.
        let snapshot = try await snapshot(of: host, for: call.user)
        if !feed.isResumed { await updates.begin(feed, with: snapshot) }
        return .events(body: feed.body(from: updates, request: call.request))
    }

    private func snapshot(of host: User, for viewer: User?) async throws -> [LiveUpdate] {
        let (stream, info) = try await store.read { connection in
            if let viewer, try connection.isBlocked(viewer.id, by: host.id) { throw APIError.hostNotFound }
            guard let stream = try connection.stream(of: host.id) else { throw APIError.streamNotFound }
            return (stream, try connection.info(of: stream))
        }
        let status = await streams.status(of: host.id)
        return [.status(status), .viewerCount(status.viewerCount), info, .chatSettings(stream.chat)]
    }
}

extension SQLConnection {
    /// The update that tells what a stream is about.
    func info(of stream: Stream) throws -> LiveUpdate {
        .info(title: stream.title, description: stream.description, thumbnail: try thumbnailAddress(of: stream))
    }
}

extension RateLimiter.Rule {
    /// Beginning to listen; browsers come back by themselves.
    static let events = Self("events", 300, per: 60)
}

extension Response {
    /// - Parameter body: of an event stream, which no cache and no proxy keeps back.
    fileprivate static func events(body: ResponseBody) -> Response {
        let headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-store", .xAccelBuffering: "no",
            .xContentTypeOptions: "nosniff",
            // Watching for the client's leaving uses the connection up: it ends with the stream.
            .connection: "close",
        ]
        return Response(status: .ok, headers: headers, body: body)
    }
}

extension HTTPField.Name {
    fileprivate static let xAccelBuffering = Self("X-Accel-Buffering")!
}
