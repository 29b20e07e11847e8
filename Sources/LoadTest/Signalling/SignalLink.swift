import LiveKitProtocol
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import SwiftProtobuf

/// A LiveKit signalling connection from the client's side: protobuf over a WebSocket.
struct SignalLink: Sendable {
    private typealias Channel = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    private enum Upgrade {
        case accepted(Channel)
        case refused
    }

    /// Bytes of the largest message that is taken.
    private static let maximumMessage = 4 << 20

    private let channel: Channel

    /// - Throws: `LoadTestError.refused` when the server does not let us in.
    static func open(_ server: ServerAddress, token: String) async throws -> SignalLink {
        let upgrade = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(10))
            .connect(host: server.host, port: server.port) { channel in
                channel.eventLoop.makeCompletedFuture { try configure(channel, server, token: token) }
            }
        guard case .accepted(let channel) = try await upgrade.get() else { throw LoadTestError.refused }
        return SignalLink(channel: channel)
    }

    private static func configure(
        _ channel: any NIOCore.Channel, _ server: ServerAddress, token: String
    ) throws -> EventLoopFuture<Upgrade> {
        let pipeline = channel.pipeline.syncOperations
        if server.isSecure {
            var configuration = TLSConfiguration.makeClientConfiguration()
            // A server under test has a certificate of its own making as often as not.
            configuration.certificateVerification = .none
            let context = try NIOSSLContext(configuration: configuration)
            let name = server.host.allSatisfy { $0.isHexDigit || $0 == "." || $0 == ":" } ? nil : server.host
            try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
        }
        let upgrader = NIOTypedWebSocketClientUpgrader<Upgrade>(maxFrameSize: maximumMessage) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                    NIOWebSocketFrameAggregator(
                        minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1024,
                        maxAccumulatedFrameSize: maximumMessage))
                return .accepted(try Channel(wrappingChannelSynchronously: channel))
            }
        }
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET,
            uri: "/rtc?protocol=15&sdk=golive-load-test&version=1&auto_subscribe=1&access_token=\(token)",
            headers: ["Host": "\(server.host):\(server.port)", "Content-Length": "0"])
        let configuration = NIOTypedHTTPClientUpgradeConfiguration<Upgrade>(
            upgradeRequestHead: head, upgraders: [upgrader],
            notUpgradingCompletionHandler: { $0.eventLoop.makeSucceededFuture(.refused) })
        var client = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: configuration)
        // The server's first message may come in one piece with its answer to the upgrade.
        client.leftOverBytesStrategy = .forwardBytes
        return try pipeline.configureUpgradableHTTPClientPipeline(configuration: client)
    }

    /// Lets `handle` answer each message until it returns false or the connection ends; `outgoing` is sent as it comes.
    /// Cancellation ends both, with a word of leave.
    func converse(
        sending outgoing: AsyncStream<LiveKit_SignalRequest>,
        _ handle: @Sendable @escaping (LiveKit_SignalResponse) async throws -> Bool
    ) async throws {
        try await channel.executeThenClose { inbound, outbound in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await request in outgoing {
                        try await outbound.write(try Self.frame(.binary, request.serializedBytes()))
                    }
                }
                group.addTask {
                    for try await frame in inbound {
                        switch frame.opcode {
                        case .binary:
                            let bytes = Array(frame.unmaskedData.readableBytesView)
                            if try await !handle(LiveKit_SignalResponse(serializedBytes: bytes)) { return }
                        case .ping:
                            try await outbound.write(
                                Self.frame(.pong, Array(frame.unmaskedData.readableBytesView)))
                        case .connectionClose: return
                        default: continue
                        }
                    }
                }
                try await group.next()
                group.cancelAll()
            }
        }
    }

    private static func frame(_ opcode: WebSocketOpcode, _ bytes: [UInt8]) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: ByteBuffer(bytes: bytes))
    }
}

/// Why a participant of the test did not get in, or not through.
package enum LoadTestError: Error, Sendable, Hashable {
    case refused
    case dismissed
    case badDescription
    case unreachable
    case timedOut
    case disconnected
}
