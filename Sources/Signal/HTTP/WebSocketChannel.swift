import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOWebSocket

/// Serves one WebSocket until it ends; what it throws ends it with *internal error* (1011).
typealias WebSocketServer = @Sendable (WebSocketInbound, WebSocketOutbound, Logger) async throws -> Void

/// One port for HTTP/1.1 and WebSocket: a connection whose first request is an upgrade that `upgrade` grants becomes a
/// WebSocket, every other one goes to the router.
struct WebSocketChannel: ServerChildChannel, HTTPChannelHandler {
    enum Connection: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        case webSocket(NIOAsyncChannel<WebSocketMessage, WebSocketOutput>, WebSocketServer)
    }

    struct Value: ServerChildChannelValue {
        let connection: EventLoopFuture<Connection>
        let channel: any Channel
    }

    let responder: HTTPChannelHandler.Responder
    let limits: HTTPLimits
    let isSecure: Bool
    let counters: HTTPCounters
    let upgrade: UpgradeGate.Decide

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            counters.opened(channel)
            let gate = UpgradeGate(firstRequestLimit: limits.firstRequest, decide: upgrade)
            let connection = try configure(channel, gate: gate, logger: logger)
            let upgrader = try channel.pipeline.syncOperations.handler(
                type: NIOTypedHTTPServerUpgradeHandler<Connection>.self)
            try channel.pipeline.syncOperations.addHandler(gate, position: .before(upgrader))
            return Value(connection: connection, channel: channel)
        }
    }

    private func configure(_ channel: any Channel, gate: UpgradeGate, logger: Logger) throws -> EventLoopFuture<
        Connection
    > {
        let limits = limits
        let isSecure = isSecure
        let gate = NIOLoopBound(gate, eventLoop: channel.eventLoop)
        let upgrader = NIOTypedWebSocketServerUpgrader<Connection>(
            maxFrameSize: limits.webSocket.message,
            // The handler behind it answers what the decoder refuses.
            enableAutomaticErrorHandling: false,
            shouldUpgrade: { channel, _ in
                channel.eventLoop.makeSucceededFuture(gate.value.server == nil ? nil : HTTPHeaders())
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    let aggregator = NIOWebSocketFrameAggregator(
                        minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1024,
                        maxAccumulatedFrameSize: limits.webSocket.message)
                    try channel.pipeline.syncOperations.addHandler(WebSocketMaskHandler())
                    try channel.pipeline.syncOperations.addHandler(aggregator)
                    try channel.pipeline.syncOperations.addHandler(WebSocketHandler(limits: limits.webSocket))
                    let messages = try NIOAsyncChannel<WebSocketMessage, WebSocketOutput>(
                        wrappingChannelSynchronously: channel)
                    return .webSocket(messages, gate.value.server!)
                }
            })
        let upgrade = NIOTypedHTTPServerUpgradeConfiguration<Connection>(
            upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(HTTP1ToHTTPServerCodec(secure: isSecure))
                    try channel.pipeline.syncOperations.addHandler(
                        HTTPConnectionStateHandler(idleTimeout: limits.idle, logger: logger))
                    return .http(
                        try NIOAsyncChannel(
                            wrappingChannelSynchronously: channel,
                            configuration: .init(isOutboundHalfClosureEnabled: true)))
                }
            })
        var configuration = NIOUpgradableHTTPServerPipelineConfiguration<Connection>(upgradeConfiguration: upgrade)
        // The codec validates headers, and the async channel keeps pipelined requests apart.
        configuration.enablePipelining = false
        configuration.enableResponseHeaderValidation = false
        configuration.decoderConfiguration.maxHeaderFieldSize = limits.headerBytes
        configuration.decoderConfiguration.maxHeaderListSize = limits.headerBytes
        configuration.decoderConfiguration.maxHeaderFieldCount = limits.headerCount
        return try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(configuration: configuration)
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.connection.get() {
            case .http(let channel): await handleHTTP(asyncChannel: channel, logger: logger)
            case .webSocket(let channel, let server): try await serve(channel, by: server, logger: logger)
            }
        } catch {
            logger.debug("connection ended", metadata: ["error": "\(error)"])
        }
    }

    private func serve(
        _ channel: NIOAsyncChannel<WebSocketMessage, WebSocketOutput>, by server: WebSocketServer, logger: Logger
    ) async throws {
        counters.webSocketOpened()
        defer { counters.webSocketClosed() }
        try await withTaskCancellationHandler {
            try await channel.executeThenClose { inbound, output in
                let outbound = WebSocketOutbound(writer: output)
                var code = WebSocketErrorCode.normalClosure
                do {
                    try await server(WebSocketInbound(stream: inbound), outbound, logger)
                } catch {
                    logger.debug("WebSocket session failed", metadata: ["error": "\(error)"])
                    code = .unexpectedServerError
                }
                // Closing at once could cut off what the peer has yet to read: the handler waits for its answer.
                try? await outbound.close(code)
                try await channel.channel.closeFuture.get()
            }
        } onCancel: {
            channel.channel.close(promise: nil)
        }
    }
}
