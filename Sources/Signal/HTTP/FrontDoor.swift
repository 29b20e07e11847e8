import HTTPTypes
package import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
import NIOHTTP1
package import NIOSSL
package import Relay
package import ServiceLifecycle

/// The HTTP port: signalling over WebSocket, the RoomService API, health, metrics and the browser client's files.
package struct FrontDoor: Sendable {
    /// Adds an application's own routes.
    package typealias Routes = @Sendable (_ router: Router<DoorContext>) -> Void

    /// Serves one admitted signalling connection.
    package typealias Signalling =
        @Sendable (
            _ grant: Grant, _ query: SignalQuery, WebSocketInbound, WebSocketOutbound, Logger
        ) async throws -> Void

    private let relay: Relay
    private let admission: Admission
    private let webhooks: Webhooks?
    private let signals: SignalCounters
    private let assets: StaticAssets
    private let readiness: Readiness
    private let limits: HTTPLimits
    private let tls: TLSConfiguration?
    private let development: DevelopmentTokens?
    private let logger: Logger
    private let routes: Routes
    private let signalling: Signalling
    private let counters = HTTPCounters()

    /// - Parameter isDevelopment: whether anyone is given a token (`/dev/token`).
    package init(
        relay: Relay, tokens: AccessTokens, revocations: Revocations, webhooks: Webhooks? = nil,
        signals: SignalCounters = SignalCounters(), assets: StaticAssets = StaticAssets(), readiness: Readiness,
        limits: HTTPLimits = HTTPLimits(),
        tls: TLSConfiguration? = nil, isDevelopment: Bool = false, logger: Logger,
        routes: @escaping Routes = { _ in }, signalling: @escaping Signalling
    ) {
        self.relay = relay
        self.admission = Admission(tokens: tokens, revocations: revocations)
        self.webhooks = webhooks
        self.signals = signals
        self.assets = assets
        self.readiness = readiness
        self.limits = limits
        self.tls = tls
        development = isDevelopment ? DevelopmentTokens(tokens: tokens) : nil
        self.logger = logger
        self.routes = routes
        self.signalling = signalling
    }

    /// Every method and path that the router knows, refusals of methods among them.
    package var endpoints: [Router<DoorContext>.RouteDescription] { router().routes }

    /// Signalling connections that are open now.
    package var openWebSockets: Int { counters.read().webSocketsNow }

    /// The server, ready to run.
    ///
    /// - Parameter onListening: called with the port that was bound.
    package func service(
        host: String, port: Int, onListening: @escaping @Sendable (_ port: Int) async -> Void
    ) throws -> any Service {
        var server = HTTPServerBuilder { responder in
            WebSocketChannel(
                responder: responder, limits: limits, isSecure: tls != nil, counters: counters, upgrade: upgrade)
        }
        if let tls { server = try .tls(server, tlsConfiguration: tls) }
        var logger = logger
        // The library announces itself at info; the program says it once, in its own words.
        if logger.logLevel == .info { logger.logLevel = .notice }
        return Application(
            router: router(),
            server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: ServerVersion.name, backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: logger)),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? port) },
            logger: logger)
    }

    /// Who serves the WebSocket that a request asks for. Refusals are answered by the router, where they have a body.
    private func upgrade(_ head: HTTPRequestHead) async -> WebSocketServer? {
        let uri = URI(head.uri)
        guard uri.path == "/rtc", readiness.isReady, let grant = try? await admission.admit(head) else { return nil }
        let query = SignalQuery { name in uri.queryParameters[name[...]].map(String.init) }
        return { inbound, outbound, logger in try await signalling(grant, query, inbound, outbound, logger) }
    }

    private func router() -> Router<DoorContext> {
        let router = Router(context: DoorContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: LastAnswers())
        router.add(middleware: CountedAnswers(counters: counters, assets: assets))
        router.get("/healthz") { _, _ in Response.text(.ok, "ok") }
        router.get("/readyz") { [readiness] _, _ in
            readiness.isReady ? Response.text(.ok, "ready") : Response.text(.serviceUnavailable, "not ready")
        }
        router.get("/version") { _, _ in
            Response.json(.ok, #"{"name":"\#(ServerVersion.name)","version":"\#(ServerVersion.current)"}"#)
        }
        router.get("/metrics") { [self] _, _ in
            let text = PrometheusText(
                relay: await relay.metrics(), http: counters.read(), signals: signals,
                webhooks: await webhooks?.counts ?? [])
            return Response.whole(.ok, type: PrometheusText.contentType, ByteBuffer(string: text.body))
        }
        for path: RouterPath in ["/", "/healthz", "/readyz", "/version", "/metrics"] {
            router.allowOnly([.get, .head], at: path)
        }
        addSignalling(to: router.group().add(middleware: OpenToAllOrigins()))
        addRoomService(to: router.group("/twirp/livekit.RoomService").add(middleware: OpenToAllOrigins()))
        if let development {
            router.get("/dev/token") { request, _ in await development.answer(request) }
        }
        routes(router)
        for place in assets.places {
            router.get(RouterPath(place.pattern)) { [assets] request, _ in try assets.require(place.file, request) }
        }
        router.get("/") { [assets] request, _ in try assets.require("index.html", request) }
        router.get("/:name") { [assets] request, context in
            try assets.require(try context.parameters.require("name"), request)
        }
        return router
    }

    private func addSignalling(to routes: RouterGroup<DoorContext>) {
        // Reached only by what was not upgraded.
        routes.get("/rtc") { [self] request, _ in
            do throws(Admission.Refusal) {
                _ = try await admission.admit(request)
            } catch {
                return Response.refusal(error)
            }
            guard readiness.isReady else { return Response.text(.serviceUnavailable, "the server is stopping") }
            return Response.text(.upgradeRequired, "this address speaks WebSocket", headers: [.upgrade: "websocket"])
        }
        routes.get("/rtc/validate") { [self] request, _ in
            do throws(Admission.Refusal) {
                _ = try await admission.admit(request)
                return Response.text(.ok, "success")
            } catch {
                return Response.refusal(error)
            }
        }
        routes.on("/rtc/validate", method: .options) { _, _ in OpenToAllOrigins<DoorContext>.preflight() }
        // Newer SDKs ask here first, for media over one connection, and go on with `/rtc` when nothing is here: those in
        // browsers if `/rtc/v1/validate` says so, which a page of another origin must be allowed to read.
        for path: RouterPath in ["/rtc/v1", "/rtc/v1/validate"] {
            routes.get(path) { _, _ in Response.text(.notFound, "this server speaks at /rtc") }
        }
        routes.on("/rtc/v1/validate", method: .options) { _, _ in OpenToAllOrigins<DoorContext>.preflight() }
        routes.allowOnly([.get, .head], at: "/rtc/v1")
        routes.allowOnly([.get, .head, .options], at: "/rtc/v1/validate")
        routes.allowOnly([.get, .head], at: "/rtc")
        routes.allowOnly([.get, .head, .options], at: "/rtc/validate")
    }

    private func addRoomService(to routes: RouterGroup<DoorContext>) {
        let service = RoomService(relay: relay, revocations: admission.revocations)
        let twirp = Twirp(service: service, admission: admission, bodyLimit: limits.bodyBytes)
        routes.post("/:method") { request, context in
            await twirp.answer(request, method: try context.parameters.require("method"))
        }
        routes.on("/:method", method: .options) { _, _ in OpenToAllOrigins<DoorContext>.preflight() }
        routes.allowOnly([.post, .options], at: "/:method")
    }
}
