import NIOCore
import NIOWebSocket

/// A client's frame that is not masked.
struct UnmaskedFrame: Error {}

/// Refuses a client's frames that have no mask (RFC 6455 §5.1). It stands before the aggregator, which puts fragments
/// together without one.
final class WebSocketMaskHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = WebSocketFrame

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if unwrapInboundIn(data).maskKey == nil {
            context.fireErrorCaught(UnmaskedFrame())
        } else {
            context.fireChannelRead(data)
        }
    }
}
