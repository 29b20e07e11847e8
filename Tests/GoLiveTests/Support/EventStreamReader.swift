import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

@testable import GoLive

/// Reads an event stream as WHATWG HTML §9.2.6 says, bytes in any pieces.
struct EventStreamParser {
    private var rest = ""
    private var lastID: String?
    /// Milliseconds; nil before the server said it.
    private(set) var retry: Int?
    private(set) var comments = 0

    mutating func receive(_ text: String) -> [ServerSentEvent] {
        rest += text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        var events: [ServerSentEvent] = []
        while let end = rest.range(of: "\n\n") {
            let block = rest[..<end.lowerBound]
            rest = String(rest[end.upperBound...])
            if let event = read(block) { events.append(event) }
        }
        return events
    }

    private mutating func read(_ block: Substring) -> ServerSentEvent? {
        var (name, data): (String, [Substring]) = ("message", [])
        for line in block.split(separator: "\n", omittingEmptySubsequences: true) {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? parts[1].hasPrefix(" ") ? parts[1].dropFirst() : parts[1] : ""
            switch parts[0] {
            case "": comments += 1
            case "event": name = String(value)
            case "data": data.append(value)
            case "id": lastID = String(value)
            case "retry": retry = Int(value)
            default: continue
            }
        }
        return data.isEmpty ? nil : ServerSentEvent(id: lastID, name: name, data: data.joined(separator: "\n"))
    }
}

/// Somebody who listens to a host's events over HTTP; `next` waits for one.
final class EventListener {
    let headers: HTTPHeaders
    private var body: HTTPClientResponse.Body.AsyncIterator
    private var parser = EventStreamParser()
    private var events: [ServerSentEvent] = []

    init(_ response: HTTPClientResponse) {
        headers = response.headers
        body = response.body.makeAsyncIterator()
    }

    var retry: Int? { parser.retry }

    /// The next event; nil when the server has ended the stream.
    func next() async throws -> ServerSentEvent? {
        while events.isEmpty {
            guard let buffer = try await body.next() else { return nil }
            events = parser.receive(String(buffer: buffer))
        }
        return events.removeFirst()
    }

    func next(_ count: Int) async throws -> [ServerSentEvent] {
        var found: [ServerSentEvent] = []
        while found.count < count, let event = try await next() { found.append(event) }
        return found
    }
}

extension ServerSentEvent {
    var json: JSONValue { (try? JSONDecoder().decode(JSONValue.self, from: Data(data.utf8))) ?? .null }
}

extension TestServer {
    func listen(
        to username: String, token: String? = nil, headers: [(String, String)] = [], query: String = ""
    ) async throws -> EventListener {
        EventListener(try await open(to: username, token: token, headers: headers, query: query))
    }

    /// Listens to several hosts.
    func listen(
        toHosts names: [String], token: String? = nil, headers: [(String, String)] = []
    ) async throws -> EventListener {
        let query = "?hosts=" + names.joined(separator: ",")
        return EventListener(try await open(to: nil, token: token, headers: headers, query: query))
    }

    /// - Parameter username: nil for what the query names.
    func open(
        to username: String?, token: String? = nil, headers: [(String, String)] = [], query: String = ""
    ) async throws -> HTTPClientResponse {
        let path = username.map { "/\($0)" } ?? ""
        var request = HTTPClientRequest(url: "\(url)/api/events\(path)\(query)")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        try #require(response.status == .ok)
        return response
    }
}
