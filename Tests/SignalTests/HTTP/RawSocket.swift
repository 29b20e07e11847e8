import NIOCore
import NIOPosix
import Testing

@testable import Signal

/// A WebSocket client made of bytes, so that it can send what no library would. Not for concurrent use.
final class RawSocket {
    struct Frame: Equatable {
        var opcode: UInt8
        var bytes: [UInt8]

        init(opcode: UInt8, bytes: [UInt8]) {
            self.opcode = opcode
            self.bytes = bytes
        }

        init(opcode: UInt8, text: String) { self.init(opcode: opcode, bytes: Array(text.utf8)) }
    }

    private let channel: any Channel
    private var chunks: AsyncStream<ByteBuffer>.AsyncIterator
    private var received: [UInt8] = []

    private init(channel: any Channel, chunks: AsyncStream<ByteBuffer>) {
        self.channel = channel
        self.chunks = chunks.makeAsyncIterator()
    }

    deinit { channel.close(promise: nil) }

    static func open(_ door: HTTPFixture, token: String) async throws -> RawSocket {
        let (socket, head) = try await handshake(door, token: token)
        try #require(head.hasPrefix("HTTP/1.1 101"))
        return socket
    }

    static func handshake(
        _ door: HTTPFixture, path: String = "/rtc", token: String
    ) async throws -> (RawSocket, head: String) {
        let (chunks, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: door.port).get()
        let socket = RawSocket(channel: channel, chunks: chunks)
        let request = [
            "GET \(path)?auto_subscribe=1 HTTP/1.1", "Host: x", "Authorization: Bearer \(token)", "Upgrade: websocket",
            "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", "",
        ].joined(separator: "\r\n")
        try await channel.writeAndFlush(ByteBuffer(string: request))
        var head = ""
        while !head.hasSuffix("\r\n\r\n") {
            head.unicodeScalars.append(Unicode.Scalar(try #require(try await socket.take(1)?.first)))
        }
        return (socket, head)
    }

    func send(opcode: UInt8, _ bytes: [UInt8], isFinal: Bool = true, isMasked: Bool = true) async throws {
        let mask: [UInt8] = [1, 2, 3, 4]
        var buffer = ByteBuffer()
        buffer.writeInteger(opcode | (isFinal ? 0x80 : 0))
        let maskBit: UInt8 = isMasked ? 0x80 : 0
        if bytes.count < 126 {
            buffer.writeInteger(maskBit | UInt8(bytes.count))
        } else {
            buffer.writeInteger(maskBit | 126)
            buffer.writeInteger(UInt16(bytes.count))
        }
        if isMasked { buffer.writeBytes(mask) }
        buffer.writeBytes(bytes.enumerated().map { isMasked ? $1 ^ mask[$0 % 4] : $1 })
        try await channel.writeAndFlush(buffer)
    }

    func frame() async throws -> Frame {
        let head = try #require(try await take(2))
        var length = Int(head[1] & 0x7F)
        if length == 126 {
            let extended = try #require(try await take(2))
            length = Int(extended[0]) << 8 | Int(extended[1])
        }
        return Frame(opcode: head[0] & 0x0F, bytes: try #require(try await take(length)))
    }

    /// Says that nothing more is sent, and reads on.
    func closeOutput() async throws { try await channel.close(mode: .output) }

    /// Whether the peer closed without another byte.
    func isAtEnd() async throws -> Bool { try await take(1) == nil }

    func rest() async throws -> String {
        while let chunk = await chunks.next() { received += Array(buffer: chunk) }
        return String(decoding: received, as: UTF8.self)
    }

    private func take(_ count: Int) async throws -> [UInt8]? {
        while received.count < count {
            guard let chunk = await chunks.next() else { return nil }
            received += Array(buffer: chunk)
        }
        defer { received.removeFirst(count) }
        return Array(received.prefix(count))
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let continuation: AsyncStream<ByteBuffer>.Continuation

        init(_ continuation: AsyncStream<ByteBuffer>.Continuation) { self.continuation = continuation }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { continuation.yield(unwrapInboundIn(data)) }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if (event as? ChannelEvent) == .inputClosed { continuation.finish() }
        }
        func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
