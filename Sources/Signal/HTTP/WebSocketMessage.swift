package import NIOCore
package import NIOWebSocket

/// A whole WebSocket message (RFC 6455 §5.6).
package enum WebSocketMessage: Sendable, Hashable {
    case text(String)
    case binary(ByteBuffer)
}

/// What goes out of a WebSocket: messages, then one close frame.
enum WebSocketOutput: Sendable {
    case message(WebSocketMessage)
    case close(WebSocketErrorCode)
}

/// The whole messages that a peer sends; ends when it closes, is too slow, or sends what the protocol forbids. Pings are
/// answered on the way. It may be iterated once.
package struct WebSocketInbound: AsyncSequence, Sendable {
    package struct AsyncIterator: AsyncIteratorProtocol {
        var base: NIOAsyncChannelInboundStream<WebSocketMessage>.AsyncIterator

        package mutating func next() async throws -> WebSocketMessage? { try await base.next() }
    }

    let stream: NIOAsyncChannelInboundStream<WebSocketMessage>

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(base: stream.makeAsyncIterator()) }
}

/// Where messages for a peer go. Sending waits while the peer is slow to read; one that stays slow is dropped, and then
/// sending throws.
package struct WebSocketOutbound: Sendable {
    let writer: NIOAsyncChannelOutboundWriter<WebSocketOutput>

    package func send(_ message: WebSocketMessage) async throws {
        try await writer.write(.message(message))
    }

    /// Says that nothing follows. The first close counts; messages sent after it are discarded.
    package func close(_ code: WebSocketErrorCode) async throws {
        try await writer.write(.close(code))
    }
}
