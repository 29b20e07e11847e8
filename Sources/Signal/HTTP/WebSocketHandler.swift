import NIOCore
import NIOWebSocket

/// The frame side of one WebSocket connection (RFC 6455), behind the frame aggregator: frames in, messages out, and the
/// closing handshake.
///
/// It answers pings, refuses text that is not UTF-8 (§8.1), and drops the connection when the peer has not read for
/// `Limits.slowReader` or has not answered a close for `Limits.close`. When the server shuts down it says *going away*
/// (1001).
///
/// Once it has sent its close it reads on by itself and discards, whether or not anybody behind it still reads: the
/// peer's close may stand behind messages that it had on the way.
final class WebSocketHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = WebSocketMessage
    typealias OutboundIn = WebSocketOutput
    typealias OutboundOut = WebSocketFrame

    struct Limits: Sendable {
        /// Bytes.
        var message = 1 << 20
        var slowReader: TimeAmount = .seconds(10)
        var close: TimeAmount = .seconds(2)
    }

    private let limits: Limits
    private var isClosing = false
    /// The decoder has given up: what follows cannot be told apart any more.
    private var isUndecodable = false
    private var slowReaderTimer: Scheduled<Void>?
    private var closeTimer: Scheduled<Void>?

    init(limits: Limits) {
        self.limits = limits
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        slowReaderTimer?.cancel()
        closeTimer?.cancel()
    }

    // MARK: From the peer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        guard !isClosing else {
            if frame.opcode == .connectionClose { context.close(promise: nil) }
            return
        }
        var bytes = frame.unmaskedData
        switch frame.opcode {
        case .text:
            guard let text = try? bytes.readUTF8ValidatedString(length: bytes.readableBytes) else {
                return close(context, .dataInconsistentWithMessage)
            }
            context.fireChannelRead(wrapInboundOut(.text(text)))
        case .binary:
            context.fireChannelRead(wrapInboundOut(.binary(bytes)))
        case .ping:
            // One that cannot be answered now may go unanswered (§5.5.3); a flood must not fill the buffer.
            guard context.channel.isWritable else { return }
            context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .pong, data: bytes)), promise: nil)
        case .connectionClose:
            let code = bytes.readWebSocketErrorCode() ?? .normalClosure
            sendClose(context, code)
            context.close(promise: nil)
        default:
            break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        if isClosing { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case ByteToMessageDecoderError.dataReceivedInErrorState where isClosing:
            // The peer's close is not recognised here. It is shown the end instead and ends in turn; to close at once
            // would reset the connection, and could cost it our close.
            guard !isUndecodable else { return }
            isUndecodable = true
            context.close(mode: .output, promise: nil)
        case NIOWebSocketFrameAggregator.Error.accumulatedFrameSizeIsTooLarge, NIOWebSocketError.invalidFrameLength,
            NIOWebSocketFrameAggregator.Error.tooManyFragments:
            close(context, .messageTooLarge)
        case is NIOWebSocketFrameAggregator.Error, is NIOWebSocketError, is UnmaskedFrame:
            close(context, .protocolError)
        default:
            context.close(promise: nil)
        }
    }

    // MARK: To the peer

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isClosing else {
            promise?.succeed()
            return
        }
        switch unwrapOutboundIn(data) {
        case .message(.text(let text)):
            let bytes = context.channel.allocator.buffer(string: text)
            context.write(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .text, data: bytes)), promise: promise)
        case .message(.binary(let bytes)):
            context.write(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .binary, data: bytes)), promise: promise)
        case .close(let code):
            close(context, code)
            promise?.succeed()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        slowReaderTimer?.cancel()
        slowReaderTimer = nil
        if !context.channel.isWritable {
            let channel = context.channel
            slowReaderTimer = context.eventLoop.scheduleTask(in: limits.slowReader) { channel.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    // MARK: The end

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            close(context, .goingAway)
        case ChannelEvent.inputClosed:
            context.close(promise: nil)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// Sends the close frame and reads on to the peer's, or its end, within the limit.
    private func close(_ context: ChannelHandlerContext, _ code: WebSocketErrorCode) {
        guard !isClosing else { return }
        sendClose(context, code)
        let channel = context.channel
        closeTimer = context.eventLoop.scheduleTask(in: limits.close) { channel.close(promise: nil) }
        context.read()
    }

    private func sendClose(_ context: ChannelHandlerContext, _ code: WebSocketErrorCode) {
        isClosing = true
        var bytes = context.channel.allocator.buffer(capacity: 2)
        bytes.write(webSocketErrorCode: code)
        context.writeAndFlush(
            wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: bytes)), promise: nil)
    }
}
