import Crypto
import Foundation
import LiveKitProtocol
import NIOCore
import NIOPosix
import SwiftProtobuf
import Synchronization
import Testing

@testable import LoadTest

@Suite struct SignalLinkTests {
    /// How much of the first message comes in one piece with the answer to the upgrade.
    enum Cut: CaseIterable {
        case whole
        case firstByte
        case nothing

        func apply(to message: [UInt8]) -> Int {
            switch self {
            case .whole: message.count
            case .firstByte: 1
            case .nothing: 0
            }
        }
    }

    @Test(arguments: Cut.allCases)
    func `the first message is taken, however much of it comes with the answer to the upgrade`(cut: Cut) async throws {
        let response = LiveKit_SignalResponse.with { $0.join = .with { $0.room = .with { $0.name = "early" } } }
        let message: [UInt8] = try response.serializedBytes()
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(EagerServer(message, cut: cut))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        let link = try await SignalLink.open(#require(ServerAddress("ws://127.0.0.1:\(port)")), token: "token")
        let (requests, outgoing) = AsyncStream.makeStream(of: LiveKit_SignalRequest.self)
        outgoing.yield(.with { $0.pingReq = .with { $0.timestamp = 1 } })
        let rooms = Mutex<[String]>([])
        // Ends when the server closes, which it does at our request, whatever has come until then.
        try await link.converse(sending: requests) { response in
            rooms.withLock { $0.append(response.join.room.name) }
            return true
        }
        outgoing.finish()
        #expect(rooms.withLock(\.self) == ["early"])
        try await server.close()
    }
}

/// Answers the upgrade to a WebSocket (RFC 6455 §4.2.2), says one message, and closes at whatever comes next.
private final class EagerServer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let message: [UInt8]
    private let cut: SignalLinkTests.Cut
    private var request = ""
    private var isUpgraded = false

    init(_ message: [UInt8], cut: SignalLinkTests.Cut) {
        self.message = message
        self.cut = cut
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isUpgraded else { return context.close(promise: nil) }
        request += String(buffer: unwrapInboundIn(data))
        guard request.hasSuffix("\r\n\r\n") else { return }
        let field = "sec-websocket-key: "
        let line = request.split(separator: "\r\n").first { $0.lowercased().hasPrefix(field) }
        let key = line?.dropFirst(field.count) ?? ""
        let accepted = Data(Insecure.SHA1.hash(data: Data("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)))
        let answer = """
            HTTP/1.1 101 Switching Protocols\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Accept: \(accepted.base64EncodedString())\r
            \r\n
            """
        // A binary frame of less than 126 bytes, whole and unmasked.
        let frame = [0x82, UInt8(message.count)] + message
        let early = cut.apply(to: frame)
        context.writeAndFlush(
            wrapOutboundOut(ByteBuffer(bytes: Array(answer.utf8) + frame.prefix(early))), promise: nil)
        if early < frame.count {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: frame.dropFirst(early))), promise: nil)
        }
        isUpgraded = true
    }
}
