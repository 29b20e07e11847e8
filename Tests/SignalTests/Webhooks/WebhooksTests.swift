import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import LiveKitProtocol
import Logging
import NIOCore
@testable import Relay
import ServiceLifecycle
import SwiftProtobuf
import Testing

@testable import Signal

@Suite struct WebhooksTests {
    let tokens = AccessTokens(keys: ["devkey": "secret"])

    static func room(_ name: String) -> RoomState {
        RoomState(
            id: RoomID("RM_1"), name: name, metadata: "", createdAt: 1, emptyTimeout: 1, departureTimeout: 1,
            maxParticipants: 0, participantCount: 0, publisherCount: 0)
    }

    var quick: Webhooks.Retry {
        var retry = Webhooks.Retry()
        retry.attempts = 3
        retry.firstPause = .milliseconds(1)
        return retry
    }

    func deliver(_ events: [RelayEvent], to receiver: Receiver, capacity: Int = 100) async throws -> Webhooks.Counts {
        let webhooks = Webhooks(
            urls: [try #require(URL(string: "http://127.0.0.1:\(receiver.port)/hook"))], tokens: tokens,
            apiKey: "devkey", capacity: capacity, retry: quick,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let (stream, continuation) = AsyncStream.makeStream(of: RelayEvent.self)
        for event in events { continuation.yield(event) }
        continuation.finish()
        await webhooks.run(stream)
        return try #require(await webhooks.counts.first)
    }

    @Test func `an event gets through to a receiver that fails twice, once and signed`() async throws {
        try await Receiver.run(statuses: [500, 503, 200]) { receiver in
            let counts = try await deliver([.roomStarted(Self.room("r"))], to: receiver)
            #expect(counts.delivered == 1 && counts.failed == 0)
            let posts = await receiver.log.posts
            #expect(posts.count == 3)
            #expect(Set(posts.map(\.body)).count == 1)
            let post = try #require(posts.last)
            #expect(post.contentType == "application/webhook+json")
            let event = try LiveKit_WebhookEvent(jsonUTF8Bytes: post.body)
            #expect(event.event == "room_started" && event.room.name == "r")
            #expect(event.id.hasPrefix("EV_") && event.createdAt > 0)
            let grant = try await tokens.verify(post.authorization)
            #expect(grant.sha256 == Data(SHA256.hash(data: post.body)).base64EncodedString())
        }
    }

    @Test func `events arrive in order, and a refusal is not repeated`() async throws {
        try await Receiver.run(statuses: [200, 400, 200]) { receiver in
            let events = ["a", "b", "c"].map { RelayEvent.roomFinished(Self.room($0)) }
            let counts = try await deliver(events, to: receiver)
            #expect(counts.delivered == 2 && counts.failed == 1)
            let names = try await receiver.log.posts.map { try LiveKit_WebhookEvent(jsonUTF8Bytes: $0.body).room.name }
            #expect(names == ["a", "b", "c"])
        }
    }

    @Test func `a receiver that never answers well is given up after the last attempt`() async throws {
        try await Receiver.run(statuses: [500, 500, 500]) { receiver in
            let counts = try await deliver([.roomStarted(Self.room("r"))], to: receiver)
            #expect(counts.failed == 1)
            #expect(await receiver.log.posts.count == 3)
        }
    }

    @Test func `what a full queue cannot hold is dropped, oldest first, and counted`() async throws {
        try await Receiver.run(statuses: []) { receiver in
            let events = (0..<500).map { RelayEvent.roomStarted(Self.room("\($0)")) }
            let counts = try await deliver(events, to: receiver, capacity: 2)
            #expect(counts.delivered + counts.dropped == 500)
            let last = try #require(await receiver.log.posts.last)
            #expect(try LiveKit_WebhookEvent(jsonUTF8Bytes: last.body).room.name == "499")
        }
    }

    /// An HTTP server that answers with the statuses in turn, then 200.
    struct Receiver {
        struct Post: Sendable {
            var authorization: String
            var contentType: String
            var body: [UInt8]
        }

        actor Log {
            private(set) var posts: [Post] = []
            private var statuses: [Int]

            init(_ statuses: [Int]) { self.statuses = statuses }

            func add(_ post: Post) -> Int {
                posts.append(post)
                return statuses.isEmpty ? 200 : statuses.removeFirst()
            }
        }

        let port: Int
        let log: Log

        static func run(statuses: [Int], _ body: (Receiver) async throws -> Void) async throws {
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
                    try await body(Receiver(port: port, log: log))
                } catch {
                    Issue.record(error)
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }
}
