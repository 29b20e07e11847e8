import Crypto
import Foundation
package import Logging
package import Relay
package import Signal

/// The application: its parts, put together. Each part owns its state; the routes and the tasks that run them are listed
/// here and nowhere else.
package struct Application: Sendable {
    let store: Store
    let settings: ApplicationSettings
    let relay: Relay
    let tokens: AccessTokens
    let revocations: Revocations
    /// Whether the HTTP port itself speaks TLS.
    let isSecure: Bool
    let logger: Logger
    /// From before anyone can come in, so that nothing is missed.
    private let events: (forStreams: AsyncStream<RelayEvent>, forChat: AsyncStream<RelayEvent>)

    let accounts: Accounts
    let updates: LiveUpdates
    let chat: ChatModerator
    let streams: LiveStreams
    let viewers: Viewers
    let relations: Relations
    let discovery: Discovery
    let thumbnails: Thumbnails
    let analytics: Analytics

    /// Opens the database and settles what an earlier run left behind.
    package init(
        settings: ApplicationSettings, relay: Relay, tokens: AccessTokens, revocations: Revocations, isSecure: Bool,
        logger: Logger
    ) async throws {
        self.settings = settings
        self.relay = relay
        self.tokens = tokens
        self.revocations = revocations
        self.isSecure = isSecure
        self.logger = logger
        events = (relay.events(), relay.events())
        store = try await Store(address: settings.database)
        accounts = Accounts(store: store, settings: settings, logger: logger)
        updates = LiveUpdates(store: store)
        chat = ChatModerator(store: store, relay: relay, settings: settings, logger: logger)
        streams = LiveStreams(
            store: store, relay: relay, revocations: revocations, updates: updates, chat: chat, settings: settings,
            logger: logger)
        viewers = Viewers(
            store: store, tokens: tokens, revocations: revocations, streams: streams, chat: chat)
        relations = Relations(store: store, relay: relay, revocations: revocations, updates: updates, chat: chat)
        discovery = Discovery(store: store, streams: streams)
        thumbnails = Thumbnails(store: store, relay: relay, logger: logger)
        analytics = Analytics(store: store)
        try await streams.recover()
    }

    /// Everything that `/api` answers.
    var routes: [Route] {
        accountRoutes + creatorRoutes + streamRoutes + viewerRoutes + discoveryRoutes + relationRoutes + chatRoutes
            + updateRoutes + thumbnailRoutes + analyticsRoutes
    }

    /// Puts the application's calls on the HTTP port.
    package var door: FrontDoor.Routes {
        let api = API(
            routes: routes, authenticate: { [accounts] token in try await accounts.user(ofToken: token) },
            limiter: RateLimiter(), settings: settings)
        return { router in api.add(to: router) }
    }

    /// Follows what happens in rooms until the relay is shut down or the task is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await streams.run(events.forStreams) }
            group.addTask { await chat.run(events.forChat) }
            group.addTask { await updates.run() }
            group.addTask { await thumbnails.run() }
            group.addTask { await accounts.run() }
        }
        await store.close()
    }
}
