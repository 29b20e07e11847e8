import HTTPTypes
import Hummingbird
import Logging
import NIOHTTP1
import Signal
import Testing

@testable import GoLive

/// The document says what the router does, no more and no less.
@Suite struct OpenAPITests {
    private static let methods: [HTTPMethod] = [.GET, .POST, .PUT, .PATCH, .DELETE]

    /// Pages and their files: what begins with a name, and the folders of ours.
    private static func isPage(_ path: String) -> Bool {
        path == "/" || ["/{", "/u/", "/embed/", "/assets/"].contains(where: path.hasPrefix)
    }

    /// `/api/users/:username` as OpenAPI writes it.
    private static func written(_ path: String) -> String {
        "/"
            + path.split(separator: "/").map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }.joined(
                separator: "/")
    }

    private static func filled(_ path: String) -> String {
        "/" + path.split(separator: "/").map { $0.hasPrefix("{") ? "0" : String($0) }.joined(separator: "/")
    }

    private static func document(_ server: TestServer) async throws -> [String: JSONValue] {
        let answer = try await server.ask(.GET, OpenAPIDocument.path)
        #expect(answer.status == 200 && answer.headers.first(name: "content-type") == "application/json")
        #expect(answer.json["openapi"] == "3.1.0")
        guard case .object(let paths) = answer.json["paths"] else { return [:] }
        return paths
    }

    @Test func `every call that the server answers is written down, and every one written down is answered`()
        async throws
    {
        try await withServer { server in
            let application = server.server.application
            let door = FrontDoor(
                relay: application.relay, tokens: application.tokens, revocations: application.revocations,
                readiness: Readiness(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                routes: application.door
            ) { _, _, _, _, _ in }
            let known = Set(door.endpoints.map { Self.written($0.path.description) })
            let written = try await Self.document(server)
            let stems = Set(API.stems(of: application.routes.map(\.path)))
            let calls = known.filter { !Self.isPage($0) && !$0.hasSuffix("/**") && !stems.contains($0) }
            #expect(calls == Set(written.keys))

            for path in calls {
                for method in Self.methods {
                    // An answer that goes on for ever is not waited for: this one is refused.
                    let query = path == "/api/events" ? "?hosts=" + String(repeating: "a,", count: 101) + "a" : ""
                    let answer = try await server.ask(method, Self.filled(path) + query)
                    let isWritten = written[path]?[method.rawValue.lowercased()] ?? .null != .null
                    #expect((answer.status != 405) == isWritten, "\(method) \(path): \(answer.status)")
                }
            }
        }
    }

    @Test func `who may call, what is sent and what is refused follow from the route`() async throws {
        try await withServer { server in
            let paths = try await Self.document(server)
            let register = paths["/api/auth/register"]?["post"] ?? .null
            let body = register["requestBody"]["content"]["application/json"]["schema"]
            #expect(body["required"] == ["username", "password"])
            #expect(body["properties"]["username"]["maxLength"] == 32)
            #expect(Self.codes(register, "400") == ["invalid_body", "invalid_username", "weak_password"])
            #expect(Self.codes(register, "409") == ["username_taken"])
            #expect(Self.codes(register, "413") == ["body_too_large"])
            #expect(Self.codes(register, "429") == ["too_many_requests"])
            #expect(register["responses"]["201"] != .null && register["responses"]["200"] == .null)

            let decide = paths["/api/admin/applications/{userId}/approve"]?["post"] ?? .null
            #expect(Self.codes(decide, "403") == ["cross_origin", "not_admin"])
            #expect(decide["parameters"][0]["name"] == "userId" && decide["parameters"][0]["in"] == "path")
            #expect(decide["security"] == [["session": []], ["cookie": []]])

            let list = paths["/api/admin/applications"]?["get"] ?? .null
            #expect(Self.codes(list, "400") == ["invalid_cursor", "invalid_query"])
            #expect(list["parameters"].array.map { $0["name"] } == ["status", "limit", "cursor"])
        }
    }

    @Test func `a shape's name means one thing, and every reference leads somewhere`() async throws {
        try await withServer { server in
            let document = OpenAPIDocument(server.server.application.routes)
            #expect(document.ambiguousNames.isEmpty)
            let text = String(decoding: try document.bytes(), as: UTF8.self)
            let names = text.split(separator: "#/components/schemas/").dropFirst().map { $0.prefix { $0 != "\"" } }
            #expect(!names.isEmpty)
            for name in names { #expect(document.json["components"]["schemas"][String(name)] != .null, "\(name)") }
            #expect(try document.bytes() == OpenAPIDocument(server.server.application.routes).bytes())
        }
    }

    @Test func `no two operations have one identifier`() async throws {
        try await withServer { server in
            var seen: Set<String> = []
            for case .object(let operations) in try await Self.document(server).values {
                for operation in operations.values {
                    #expect(seen.insert(operation["operationId"].string ?? "").inserted)
                }
            }
        }
    }

    @Test func `pages beside it are still served`() async throws {
        try await withServer { server in
            let page = try await server.send(.GET, "/watch", [])
            let none = try await server.send(.GET, "/no-such-page.json", [])
            let other = try await server.send(.POST, OpenAPIDocument.path, [])
            #expect(page.status == 200 && none.status == 404 && other.status == 405)
        }
    }

    private static func codes(_ operation: JSONValue, _ status: String) -> [JSONValue] {
        let schema = operation["responses"][status]["content"]["application/json"]["schema"]
        return schema["allOf"][1]["properties"]["error"]["properties"]["code"]["enum"].array
    }
}
