import NIOCore
import NIOHTTP1

/// Decides on a connection's first request before NIO's upgrader sees it, and takes `Upgrade` out of it when the answer is
/// no: the upgrader of NIO 2.101 loses the request's head when an upgrade is refused, and the refusal could not be
/// answered. It also closes connections that ask for nothing in time. It leaves the pipeline once it has decided.
final class UpgradeGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    /// Who serves the WebSocket; `nil`: it is refused.
    typealias Decide = @Sendable (HTTPRequestHead) async -> WebSocketServer?

    private let decide: Decide
    private let firstRequestLimit: TimeAmount
    /// Set once the upgrade was granted.
    private(set) var server: WebSocketServer?
    /// What arrived while the decision is being made: the request's end, and at most the little that a client may send
    /// before it knows the answer.
    private var held: [HTTPServerRequestPart]?
    private var timer: Scheduled<Void>?
    private static let mostHeld = 16

    init(firstRequestLimit: TimeAmount, decide: @escaping Decide) {
        self.firstRequestLimit = firstRequestLimit
        self.decide = decide
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: firstRequestLimit) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent || (event as? ChannelEvent) == .inputClosed {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if held != nil {
            guard held!.count < Self.mostHeld else { return context.close(promise: nil) }
            held!.append(part)
            return
        }
        guard case .head(let head) = part, head.headers.contains(name: "upgrade") else { return pass(context, [part]) }
        guard head.isWebSocketHandshake else { return pass(context, [.head(head.withoutUpgrade)]) }
        held = []
        let bound = NIOLoopBound((gate: self, context: context), eventLoop: context.eventLoop)
        let decide = decide
        context.eventLoop.makeFutureWithTask { await decide(head) }.whenSuccess { server in
            let (gate, context) = bound.value
            guard context.channel.isActive, let held = gate.held else { return }
            gate.server = server
            gate.pass(context, [.head(server == nil ? head.withoutUpgrade : head)] + held)
        }
    }

    private func pass(_ context: ChannelHandlerContext, _ parts: [HTTPServerRequestPart]) {
        held = nil
        for part in parts { context.fireChannelRead(wrapInboundOut(part)) }
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}

extension HTTPRequestHead {
    /// RFC 6455 §4.2.1, without a body.
    fileprivate var isWebSocketHandshake: Bool {
        method == .GET
            && headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
            && headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
            && headers.first(name: "sec-websocket-version") == "13"
            && headers["sec-websocket-key"].count == 1
            && !headers.contains(name: "transfer-encoding")
            && (headers.first(name: "content-length") ?? "0") == "0"
    }

    fileprivate var withoutUpgrade: HTTPRequestHead {
        var head = self
        head.headers.remove(name: "upgrade")
        head.headers.replaceOrAdd(name: "connection", value: "close")
        return head
    }
}
