import HTTPTypes
import Hummingbird
import LiveKitProtocol
import Logging
import NIOCore
import ServiceLifecycle
import SwiftProtobuf
import Testing

/// An HTTP server that answers with the statuses in turn, then 200.
struct WebhookReceiver: Sendable {
    struct Post: Sendable {
        var authorization: String
        var contentType: String
        var body: [UInt8]
    }

    actor Log {
        private(set) var posts: [Post] = []
        private var statuses: [Int]

        init(_ statuses: [Int]) { self.statuses = statuses }

        /// The rooms that the events were about, in order.
        var rooms: [String] {
            get throws { try posts.map { try LiveKit_WebhookEvent(jsonUTF8Bytes: $0.body).room.name } }
        }

        func add(_ post: Post) -> Int {
            posts.append(post)
            return statuses.isEmpty ? 200 : statuses.removeFirst()
        }
    }

    let port: Int
    let log: Log

    var url: String { "http://127.0.0.1:\(port)/hook" }

    static func run(statuses: [Int], _ body: (WebhookReceiver) async throws -> Void) async throws {
        let log = Log(statuses)
        let router = Router()
        router.post("/hook") { request, _ -> Response in
            let bytes = try await request.body.collect(upTo: 1 << 16)
            let status = await log.add(
                Post(
                    authorization: request.headers[.authorization] ?? "",
                    contentType: request.headers[.contentType] ?? "", body: Array(buffer: bytes)))
            return Response(status: HTTPResponse.Status(code: status))
        }
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { continuation.yield($0.localAddress?.port ?? 0) }, logger: quiet)
        let group = ServiceGroup(configuration: .init(services: [application], logger: quiet))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let port = try #require(await ports.first { _ in true })
            do {
                try await body(WebhookReceiver(port: port, log: log))
            } catch {
                Issue.record(error)
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
