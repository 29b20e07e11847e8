import Hummingbird
import HummingbirdCore
import NIOCore

extension UpdateFeed {
    /// Seconds between signs of life on a quiet connection: often enough for proxies, which cut after half a minute or more.
    static let commentInterval = Duration.seconds(15)

    /// A body that sends what the feed brings until the listener is ended or its client is gone.
    ///
    /// - Parameter request: whose connection it is.
    func body(from updates: LiveUpdates, request: Request) -> ResponseBody {
        ResponseBody { writer in
            let handover = Handover(writer: writer)
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        var writer = handover.writer
                        for await _ in news {
                            let text = await updates.take(id)
                            if !text.isEmpty { try await writer.write(ByteBuffer(string: text)) }
                        }
                    }
                    // A write to someone who does not read lasts until it is cancelled.
                    group.addTask { for await _ in end {} }
                    group.addTask {
                        while true {
                            try await Task.sleep(for: Self.commentInterval)
                            await updates.keepAlive(id)
                        }
                    }
                    try await group.next()
                    group.cancelAll()
                }
            }
            try await writer.finish(nil)
        }
    }
}

/// Why `@unchecked Sendable` is right: one child task uses the writer, and nobody else does until that has ended.
private struct Handover: @unchecked Sendable {
    var writer: any ResponseBodyWriter
}
