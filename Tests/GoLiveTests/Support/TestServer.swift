import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Testing

@testable import GoLive

/// A whole server on free loopback ports, asked over HTTP as any client would.
struct TestServer: Sendable {
    let port: Int
    let server: GoLiveServer

    var url: String { "http://127.0.0.1:\(port)" }

    /// What came back: the status, the JSON if it was any, and the header fields.
    struct Answer: Sendable {
        var status: Int
        var json: JSONValue
        var headers: HTTPHeaders
        var bytes: [UInt8]

        /// `data` of the envelope.
        var data: JSONValue { json["data"] }
        /// `code` of a refusal.
        var code: String? { json["error"]["code"].string }
    }

    func ask(
        _ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil, token: String? = nil,
        headers: [(String, String)] = []
    ) async throws -> Answer {
        let bytes = try body.map { Array(try JSONEncoder().encode($0)) }
        let type: [(String, String)] = bytes == nil ? [] : [("content-type", "application/json")]
        return try await send(method, path, bytes ?? [], token: token, headers: type + headers)
    }

    func send(
        _ method: HTTPMethod, _ path: String, _ bytes: [UInt8], token: String? = nil,
        headers: [(String, String)] = []
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        if !bytes.isEmpty { request.body = .bytes(bytes) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let content = Array(buffer: try await response.body.collect(upTo: 8 << 20))
        let json = try? JSONDecoder().decode(JSONValue.self, from: Data(content))
        return Answer(
            status: Int(response.status.code), json: json ?? .null, headers: response.headers, bytes: content)
    }
}

extension JSONValue {
    subscript(_ name: String) -> JSONValue {
        guard case .object(let object) = self else { return .null }
        return object[name] ?? .null
    }

    subscript(_ index: Int) -> JSONValue {
        guard case .array(let array) = self, array.indices.contains(index) else { return .null }
        return array[index]
    }

    var string: String? { if case .string(let string) = self { string } else { nil } }
    var integer: Int64? { if case .integer(let integer) = self { integer } else { nil } }
    var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    var array: [JSONValue] { if case .array(let array) = self { array } else { [] } }
}

/// Runs a server for `body`: development's settings (the first user is admin, applications are approved at once), and
/// no limits on requests unless `configure` sets them.
func withServer(
    _ kind: TestDatabase = .sqlite, configure: (inout ApplicationSettings) -> Void = { _ in },
    _ body: @escaping @Sendable (TestServer) async throws -> Void
) async throws {
    try await withFolder { folder in
        var settings = ApplicationSettings()
        settings.database = try await kind.address(in: folder)
        settings.approval = .automatic
        settings.firstUserIsAdmin = true
        settings.limitsRequests = false
        configure(&settings)
        try await withServer(settings: settings, body)
    }
}

/// Runs a server on a database that is there already, for what has to survive a restart.
func withServer(
    settings: ApplicationSettings, webhooks: [String] = [],
    _ body: @escaping @Sendable (TestServer) async throws -> Void
) async throws {
    var configuration = GoLiveConfiguration()
    configuration.port = 0
    configuration.udpPort = 0
    configuration.tcpPort = nil
    configuration.workers = 1
    configuration.keys = ["devkey": "secret"]
    configuration.webhookURLs = webhooks
    configuration.application = settings
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let server = try await GoLiveServer(configuration, logger: logger)
    let (ports, listening) = AsyncStream.makeStream(of: Int.self)
    let (stops, stop) = AsyncStream.makeStream(of: Void.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            try await server.run {
                for await _ in stops { return }
            } onListening: {
                listening.yield($0)
            }
        }
        let port = try #require(await ports.first { _ in true })
        do {
            try await body(TestServer(port: port, server: server))
        } catch {
            stop.yield()
            throw error
        }
        stop.yield()
        try await group.waitForAll()
    }
}
