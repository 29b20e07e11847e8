import Foundation
package import Logging
package import Relay
import ServiceLifecycle
import Signal

/// The whole server in one process: the relay, the HTTP port in front of it, the application, data routing and webhooks.
package struct GoLiveServer: Sendable {
    package let relay: Relay
    let application: Application
    private let configuration: GoLiveConfiguration
    private let tokens: AccessTokens
    private let revocations = Revocations()
    private let webhooks: Webhooks
    private let logger: Logger
    private let readiness = Readiness()
    private let assets: StaticAssets

    /// - Throws: what kept the media port or the database from opening, in words.
    package init(_ configuration: GoLiveConfiguration, logger: Logger) async throws {
        self.configuration = configuration
        self.logger = logger
        tokens = AccessTokens(keys: configuration.keys)
        assets = try PageAssets.assets(from: configuration.pagesDirectory)
        relay = try Relay(
            configuration: RelayConfiguration(
                host: configuration.host, udpPort: configuration.udpPort, tcpPort: configuration.tcpPort,
                advertisedAddresses: LocalAddresses.advertised(
                    host: configuration.host, stated: configuration.nodeIPs),
                workers: configuration.workers))
        webhooks = Webhooks(
            urls: configuration.webhookURLs.compactMap { URL(string: $0) }, tokens: tokens,
            apiKey: configuration.keys.keys.min() ?? "", logger: logger)
        application = try await Application(
            settings: configuration.application, relay: relay, tokens: tokens, revocations: revocations,
            webhooks: webhooks, isSecure: configuration.tls != nil, logger: logger)
    }

    private enum Ending: Sendable {
        case relay, data, webhooks, application, patience
    }

    /// Serves until `stop` returns; then participants are told, connections are closed and the last webhooks sent, all
    /// within three seconds.
    ///
    /// - Parameters:
    ///   - stop: returns when it is time, or when its task is cancelled.
    ///   - onListening: is told the HTTP port once it is open.
    package func run(
        until stop: @escaping @Sendable () async -> Void,
        onListening: @escaping @Sendable (_ port: Int) async -> Void
    ) async throws {
        let counters = SignalCounters()
        let sequences = DataSequences()
        let events = relay.events()
        let door = frontDoor(counters, sequences)
        let http = try httpService(door, onListening: onListening)
        logger.info("media is sealed", metadata: ["engine": "\(relay.sealingEngine)"])

        try await withThrowingTaskGroup(of: Ending.self) { group in
            group.addTask {
                await relay.run()
                return .relay
            }
            group.addTask {
                await DataRouter(
                    relay: relay, judge: application.chat.roomJudge, counters: counters, sequences: sequences
                ).run()
                return .data
            }
            group.addTask {
                await webhooks.run(events, log: application.deliveries.log)
                return .webhooks
            }
            group.addTask {
                await application.run()
                return .application
            }
            try await serve(door, http, until: stop)
            group.addTask {
                try? await Task.sleep(for: .milliseconds(500))
                return .patience
            }
            while let ending = try await group.next(), ending != .webhooks, ending != .patience {}
            group.cancelAll()
        }
    }

    /// Until the HTTP port is closed: by `stop`, or because it could not be opened.
    private func serve(
        _ door: FrontDoor, _ http: ServiceGroup, until stop: @escaping @Sendable () async -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await http.run() }
            group.addTask {
                await stop()
                readiness.isReady = false
                if !Task.isCancelled { logger.info("stopping") }
                await relay.shutdown()
                await farewell(door)
                await http.triggerGracefulShutdown()
                // Those who have not closed by now are cut off.
                try? await Task.sleep(for: .seconds(2))
            }
            try await group.next()
            group.cancelAll()
            try? await group.waitForAll()
        }
    }

    /// Leaves the signalling connections a second to say goodbye in their own words.
    private func farewell(_ door: FrontDoor) async {
        for _ in 0..<50 where door.openWebSockets > 0 {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    private func frontDoor(_ counters: SignalCounters, _ sequences: DataSequences) -> FrontDoor {
        var settings = SignalSettings()
        settings.simulatesFaults = configuration.isDevelopment
        settings.turn = configuration.turn
        return FrontDoor(
            relay: relay, tokens: tokens, revocations: revocations, webhooks: webhooks, signals: counters,
            assets: assets, readiness: readiness, limits: configuration.limits,
            tls: configuration.tls, isDevelopment: configuration.isDevelopment, logger: logger,
            routes: application.door
        ) { [settings] grant, query, inbound, outbound, logger in
            let connection = SignalConnection(
                relay: relay, tokens: tokens, grant: grant, query: query, settings: settings,
                counters: counters, sequences: sequences, logger: logger)
            await connection.run(inbound: inbound, outbound: outbound)
        }
    }

    private func httpService(
        _ door: FrontDoor, onListening: @escaping @Sendable (_ port: Int) async -> Void
    ) throws -> ServiceGroup {
        let service = try door.service(host: configuration.host, port: configuration.port) { port in
            readiness.isReady = true
            await onListening(port)
        }
        var quiet = logger
        if quiet.logLevel == .info { quiet.logLevel = .notice }
        return ServiceGroup(configuration: ServiceGroupConfiguration(services: [service], logger: quiet))
    }
}
