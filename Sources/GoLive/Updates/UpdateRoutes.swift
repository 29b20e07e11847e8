import HTTPTypes
import Hummingbird

extension Application {
    var updateRoutes: [Route] { [hostEvents, directoryEvents] }

    private var hostEvents: Route {
        Route(
            .get, "/api/events/{username}", "Live updates of a host as Server-Sent Events.", access: .anyone,
            rate: .events, query: [.lastEventID], answer: .raw("text/event-stream"),
            refusals: [.hostNotFound, .streamNotFound, .tooManyListeners]
        ) { call in
            guard let host = try await store.user(username: try call.parameter("username")) else {
                throw APIError.hostNotFound
            }
            let source = UpdateSource(id: host.id, username: host.username)
            return try await listen(call, to: .host(source)) { [try await snapshot(of: host, for: call.user)] }
        }
    }

    private var directoryEvents: Route {
        Route(
            .get, "/api/events",
            "Live updates of several hosts as Server-Sent Events, and `directory` when any stream begins or ends.",
            access: .anyone, rate: .events, query: [.hosts, .lastEventID], answer: .raw("text/event-stream"),
            refusals: [.tooManyListeners]
        ) { call in
            let names = UpdateScope.names(in: call.text("hosts") ?? "")
            let found = try await store.read { try $0.hostedStreams(of: names, for: call.user?.id) }
            return try await listen(call, to: .directory(found.map(UpdateSource.init))) {
                try await snapshots(of: names, for: call.user)
            }
        }
    }

    private typealias Snapshot = (source: UpdateSource, updates: [LiveUpdate])

    /// - Parameter snapshots: what is true now of each host that may be heard.
    private func listen(
        _ call: Call, to scope: UpdateScope, snapshots: () async throws -> [Snapshot]
    ) async throws -> Reply {
        guard call.request.method != .head else {
            _ = try await snapshots()
            return .raw(.events(body: ResponseBody()))
        }
        let lastID = (call.request.headers[.lastEventID] ?? call.text("lastEventId")).flatMap(EventID.init(parsing:))
        let feed = try await updates.join(scope, userID: call.user?.id, after: lastID)
        // Only after joining, so that neither a change nor a block between the two goes unnoticed.
        let snapshots = try await snapshots()
        let heard = Set(snapshots.map(\.source))
        for source in scope.sources where !heard.contains(source) { await updates.leaveOut(source.id, of: feed.id) }
        if !feed.isResumed { await updates.begin(feed, with: snapshots) }
        return .raw(.events(body: feed.body(from: updates, request: call.request)))
    }

    private func snapshot(of host: User, for viewer: User?) async throws -> Snapshot {
        let hosted = try await store.read { connection in
            if let viewer, try connection.isBlocked(viewer.id, by: host.id) { throw APIError.hostNotFound }
            guard let hosted = try connection.hostedStream(of: host.id) else { throw APIError.streamNotFound }
            return hosted
        }
        return await snapshot(of: hosted)
    }

    private func snapshots(of usernames: [String], for viewer: User?) async throws -> [Snapshot] {
        let found = try await store.read { try $0.hostedStreams(of: usernames, for: viewer?.id) }
        var snapshots: [Snapshot] = []
        for hosted in found { snapshots.append(await snapshot(of: hosted)) }
        return snapshots
    }

    private func snapshot(of hosted: HostedStream) async -> Snapshot {
        let status = await streams.status(of: hosted.host.id)
        let stream = hosted.stream
        return (
            UpdateSource(hosted),
            [
                .status(status), .viewerCount(status.viewerCount),
                .info(title: stream.title, description: stream.description, thumbnail: hosted.thumbnail),
                .chatSettings(stream.chat),
            ]
        )
    }
}

extension SQLConnection {
    /// The update that tells what a stream is about.
    func info(of stream: Stream) throws -> LiveUpdate {
        .info(title: stream.title, description: stream.description, thumbnail: try thumbnailAddress(of: stream))
    }

    /// The streams of those of the users whom the viewer may see in lists, each once.
    fileprivate func hostedStreams(of usernames: [String], for viewerID: String?) throws -> [HostedStream] {
        guard !usernames.isEmpty else { return [] }
        let places = usernames.indices.map { "?\($0 + 2)" }.joined(separator: ", ")
        return try run(
            """
            SELECT \(HostedStream.columns) FROM streams s JOIN users u ON u.id = s.user_id
            WHERE u.username_key IN (\(places)) AND NOT EXISTS (
                SELECT 1 FROM blocks b
                WHERE (b.host_id = u.id AND b.blocked_id = ?1) OR (b.host_id = ?1 AND b.blocked_id = u.id))
            ORDER BY u.username_key
            """, [.text(viewerID ?? "")] + usernames.map { .text($0.lowercased()) }
        ).map(HostedStream.init)
    }
}

extension UpdateSource {
    fileprivate init(_ hosted: HostedStream) {
        self.init(id: hosted.host.id, username: hosted.host.username)
    }
}

extension UpdateScope {
    static func names(in list: String) -> [String] {
        list.split(separator: ",").map { String($0).trimmingWhiteSpace() }.filter { !$0.isEmpty }
    }
}

extension Field {
    fileprivate static let lastEventID = Field(
        name: "lastEventId", kind: .text(0...128, lines: .one),
        about: "As the header `Last-Event-ID`, for clients that cannot set one.")

    fileprivate static let hosts = Field(
        name: "hosts", kind: .text(0...UpdateScope.most * (Username.length.upperBound + 1), lines: .one),
        about: "Usernames with commas between, at most \(UpdateScope.most); who is not there is left out."
    ) { value in
        guard case .string(let list) = value, UpdateScope.names(in: list).count > UpdateScope.most else { return nil }
        return "must name at most \(UpdateScope.most) hosts"
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
