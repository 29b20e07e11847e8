import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import Testing

/// Serves one document over HTTP on loopback, and counts how often it is asked for.
final class KeySetServer: Sendable {
    private let document: Mutex<[UInt8]>
    private let count = Mutex(0)

    init(_ document: [UInt8]) {
        self.document = Mutex(document)
    }

    var requests: Int { count.withLock { $0 } }

    func serve(_ bytes: [UInt8]) { document.withLock { $0 = bytes } }

    /// - Parameter body: is given the document's address.
    func run(_ body: @escaping @Sendable (_ url: String) async throws -> Void) async throws {
        let router = Router()
        router.get("/keys") { [self] _, _ in
            count.withLock { $0 += 1 }
            let bytes = document.withLock { $0 }
            return Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        }
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let application = Hummingbird.Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in listening.yield(channel.localAddress?.port ?? 0) },
            logger: Logger(label: "keys") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.runService(gracefulShutdownSignals: []) }
            let port = try #require(await ports.first { _ in true })
            try await body("http://127.0.0.1:\(port)/keys")
            group.cancelAll()
            try? await group.waitForAll()
        }
    }
}
