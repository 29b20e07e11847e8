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
    let webhooks: Webhooks
    /// Whether the HTTP port itself speaks TLS.
    let isSecure: Bool
    let logger: Logger
    /// From before anyone can come in, so that nothing is missed.
    private let events: RoomEvents

    let accounts: Accounts
    let updates: LiveUpdates
    let chat: ChatModerator
    let streams: LiveStreams
    let viewers: Viewers
    let relations: Relations
    let discovery: Discovery
    let thumbnails: Thumbnails
    let analytics: Analytics
    let deliveries: DeliveryLog

    /// Opens the database and settles what an earlier run left behind.
    package init(
        settings: ApplicationSettings, relay: Relay, tokens: AccessTokens, revocations: Revocations, webhooks: Webhooks,
        isSecure: Bool, logger: Logger
    ) async throws {
        self.settings = settings
        self.relay = relay
        self.tokens = tokens
        self.revocations = revocations
        self.webhooks = webhooks
        self.isSecure = isSecure
        self.logger = logger
        events = RoomEvents(of: relay)
        store = try await Store(address: settings.database)
        accounts = Accounts(store: store, settings: settings, logger: logger)
        updates = LiveUpdates(chatDelay: settings.chatDelay)
        chat = ChatModerator(store: store, relay: relay, settings: settings, logger: logger)
        streams = LiveStreams(
            store: store, relay: relay, revocations: revocations, updates: updates, chat: chat, settings: settings,
            logger: logger)
        viewers = Viewers(
            store: store, tokens: tokens, revocations: revocations, streams: streams, chat: chat)
        relations = Relations(
            store: store, relay: relay, revocations: revocations, updates: updates, chat: chat, logger: logger)
        discovery = Discovery(store: store, streams: streams)
        thumbnails = Thumbnails(store: store, relay: relay, logger: logger)
        analytics = Analytics(store: store)
        deliveries = DeliveryLog(store: store, logger: logger)
        try await streams.recover()
        try await relations.recover()
    }

    /// Everything that `/api` answers.
    var routes: [Route] {
        accountRoutes + creatorRoutes + streamRoutes + viewerRoutes + discoveryRoutes + relationRoutes + chatRoutes
            + updateRoutes + thumbnailRoutes + analyticsRoutes + webhookRoutes
    }

    /// Puts the application's calls on the HTTP port.
    package var door: FrontDoor.Routes {
        let api = API(
            routes: routes, authenticate: { [accounts] token in try await accounts.user(ofToken: token) },
            limiter: RateLimiter(), settings: settings, isSecure: isSecure)
        return { router in api.add(to: router) }
    }

    /// Follows what happens in rooms until the relay is shut down or the task is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await streams.run(events.streams) }
            group.addTask { await chat.run(events.chat) }
            group.addTask { await relations.run(events.relations) }
            group.addTask { await updates.run(events.updates) }
            group.addTask { await thumbnails.run(events.thumbnails) }
            group.addTask { await accounts.run() }
            group.addTask { await deliveries.run() }
        }
        await store.close()
    }
}

/// What happens in rooms, once for each part that follows it.
private struct RoomEvents: Sendable {
    let streams: AsyncStream<RelayEvent>
    let chat: AsyncStream<RelayEvent>
    let relations: AsyncStream<RelayEvent>
    let updates: AsyncStream<RelayEvent>
    let thumbnails: AsyncStream<RelayEvent>

    init(of relay: Relay) {
        streams = relay.events()
        chat = relay.events()
        relations = relay.events()
        updates = relay.events()
        thumbnails = relay.events()
    }
}
