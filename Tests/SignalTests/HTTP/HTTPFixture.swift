import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Relay
import ServiceLifecycle
import Testing

@testable import Signal

/// The real HTTP port on a free loopback port, with a signalling side that answers each message with itself.
struct HTTPFixture {
    let port: Int
    let relay: Relay
    let tokens: AccessTokens
    let revocations: Revocations
    let readiness: Readiness
    let client: HTTPClient

    static let longFile = Array(String(repeating: "export const answer = 42;\n", count: 200).utf8)

    static func run(
        limits: HTTPLimits = HTTPLimits(), isDevelopment: Bool = false, _ body: (HTTPFixture) async throws -> Void
    ) async throws {
        let relay = try Relay(configuration: RelayConfiguration(host: "127.0.0.1", udpPort: 0))
        let tokens = AccessTokens(keys: ["devkey": "secret"])
        let revocations = Revocations()
        let readiness = Readiness()
        readiness.isReady = true
        let door = FrontDoor(
            relay: relay, tokens: tokens, revocations: revocations,
            assets: StaticAssets(
                [
                    "index.html": Array("<p>hello".utf8), "a.js": Array("1".utf8),
                    "long.js": Self.longFile, "person.html": Array("<p>a person".utf8),
                    "frame.html": Array("<p>framed".utf8), "nothing.html": Array("<p>nothing here".utf8),
                ],
                places: [StaticAssets.Place("/frame/:name", "frame.html")], named: "person.html",
                framed: ["frame.html"], missing: "nothing.html"),
            readiness: readiness, limits: limits, isDevelopment: isDevelopment,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { grant, _, inbound, outbound, _ in
            try await outbound.send(.text("hello \(grant.identity)"))
            for try await message in inbound {
                if message == .text("bye") { return }
                try await outbound.send(message)
            }
        }
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let service = try door.service(host: "127.0.0.1", port: 0) { continuation.yield($0) }
        let group = ServiceGroup(
            configuration: .init(services: [service], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let port = await ports.first { _ in true }
            let fixture = HTTPFixture(
                port: try #require(port), relay: relay, tokens: tokens, revocations: revocations, readiness: readiness,
                client: client)
            do {
                try await body(fixture)
            } catch {
                Issue.record(error)
            }
            try await client.shutdown()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        await relay.shutdown()
    }

    func token(_ grant: Grant) async throws -> String { try await tokens.issue(grant, ttl: .seconds(60)) }

    var joinGrant: Grant { Grant(identity: "bob", room: "r", roomJoin: true, canSubscribe: true) }

    struct Answer {
        var status: Int
        var headers: HTTPHeaders
        var bytes: [UInt8]
        var body: String { String(decoding: bytes, as: UTF8.self) }
    }

    func send(
        _ method: HTTPMethod = .GET, _ path: String, token: String? = nil, headers: [(String, String)] = [],
        body: [UInt8]? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = method
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(body) }
        let response = try await client.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return Answer(status: Int(response.status.code), headers: response.headers, bytes: Array(buffer: bytes))
    }
}
