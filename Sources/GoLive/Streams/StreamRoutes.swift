import Foundation
import HTTPTypes

/// A creator's own stream: what it is, and its history.
extension Application {
    var streamRoutes: [Route] {
        [setupStream, readInfo, changeInfo, changeChatSettings, listTitles] + liveRoutes
    }

    private var setupStream: Route {
        Route(
            .post, "/api/stream/setup", "Creates the stream, or changes it.", access: .creator,
            rate: RateLimiter.Rule("stream_setup", 30, per: 60),
            body: .json(StreamChanges.infoFields(titleRequired: true) + StreamChanges.chatFields),
            answer: StreamView.shape
        ) { call in
            let user = try call.signedIn()
            let changes = StreamChanges(call)
            try await store.write {
                try $0.setUpStream(of: user.id, changes, newID: UUID().uuidString.lowercased(), at: WallClock.now())
            }
            try await streams.recordChanged(of: user.id)
            return .data(try await ownStream(user))
        }
    }

    private var readInfo: Route {
        Route(
            .get, "/api/stream/info", "The stream as its creator set it up.", access: .creator,
            answer: StreamView.shape, refusals: [.streamNotFound]
        ) { call in
            .data(try await ownStream(try call.signedIn()))
        }
    }

    private var changeInfo: Route {
        Route(
            .put, "/api/stream/info", "Changes title, description or picture; everyone in the room sees it at once.",
            access: .creator, rate: RateLimiter.Rule("stream_changes", 60, per: 60),
            body: .json(StreamChanges.infoFields(titleRequired: false)), answer: StreamView.shape,
            refusals: [.streamNotFound]
        ) { call in
            let user = try call.signedIn()
            try await change(user, StreamChanges(call))
            try await streams.recordChanged(of: user.id, chatSettings: false)
            return .data(try await ownStream(user))
        }
    }

    private var changeChatSettings: Route {
        Route(
            .put, "/api/stream/chat-settings", "Changes the rules of the chat; they hold for everyone at once.",
            access: .creator, rate: RateLimiter.Rule("stream_changes", 60, per: 60),
            body: .json(StreamChanges.chatFields), answer: ChatSettingsView.shape, refusals: [.streamNotFound]
        ) { call in
            let user = try call.signedIn()
            try await change(user, StreamChanges(call))
            try await streams.recordChanged(of: user.id, info: false)
            guard let stream = try await store.stream(of: user.id) else { throw APIError.streamNotFound }
            return .data(ChatSettingsView(stream.chat))
        }
    }

    private struct TitleView: Encodable, Sendable {
        /// Grows with time.
        var id: Int64
        var title: String
        var changedAt: String

        static let shape = Shape.object(
            "FormerTitle", [("id", .integer), ("title", .string), ("changedAt", .time)])
    }

    private var listTitles: Route {
        Route(
            .get, "/api/stream/titles", "The titles that the stream has had, newest first.", access: .creator,
            query: .paging, answer: .page(TitleView.shape)
        ) { call in
            let user = try call.signedIn()
            let before = try call.cursor(keys: 1)?.integer(0)
            let limit = call.limit
            let titles = try await store.read { try $0.titles(of: user.id, before: before, limit: limit + 1) }
            let items = titles.map {
                TitleView(id: $0.number, title: $0.title, changedAt: WallClock.text($0.changedAt))
            }
            return .data(Page(items, limit: limit) { Cursor(String($0.id)) })
        }
    }

    private func change(_ user: User, _ changes: StreamChanges) async throws {
        let isThere = try await store.write { try $0.changeStream(of: user.id, changes, at: WallClock.now()) }
        guard isThere else { throw APIError.streamNotFound }
    }

    private func ownStream(_ user: User) async throws -> StreamView {
        guard let hosted = try await store.hostedStream(of: user.id) else { throw APIError.streamNotFound }
        return StreamView(hosted, await streams.status(of: user.id))
    }
}
