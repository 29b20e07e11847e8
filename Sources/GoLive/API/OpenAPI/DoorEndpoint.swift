import HTTPTypes

/// What the front door answers itself, beside the application's routes.
struct DoorEndpoint: Sendable {
    enum Access: Sendable { case anyone, accessToken }

    var method: HTTPRequest.Method
    var path: String
    var summary: String
    var access = Access.anyone
    /// What is said of each answer, by status, and the type of its content.
    var answers: [(status: Int, about: String, type: String?)]

    static let all = [
        Self(
            method: .get, path: "/rtc",
            summary: "LiveKit signalling over WebSocket: binary protobuf, or JSON when the client sends text. "
                + "reconnect=1 with sid goes on as that participant",
            access: .accessToken,
            answers: [
                (101, "The connection is a WebSocket now.", nil), (401, "The access token is not good.", text),
                (403, "The access token does not let its holder in.", text), (426, "This speaks WebSocket.", text),
                (503, "The server is stopping.", text),
            ]),
        Self(
            method: .get, path: "/rtc/validate", summary: "Whether an access token lets its holder in",
            access: .accessToken,
            answers: [
                (200, "It does.", text), (401, "The access token is not good.", text),
                (403, "The access token does not let its holder in.", text),
            ]),
        Self(
            method: .get, path: "/rtc/v1",
            summary: "Not here: tells LiveKit SDKs that ask for media over one connection first to use /rtc",
            answers: [(404, "Always.", text)]),
        Self(
            method: .get, path: "/rtc/v1/validate", summary: "The same, for SDKs in browsers",
            answers: [(404, "Always.", text)]),
        Self(
            method: .post, path: "/twirp/livekit.RoomService/{method}",
            summary: "LiveKit's RoomService, in protobuf or JSON as the request's Content-Type says",
            access: .accessToken,
            answers: [
                (200, "The method's answer.", json), (400, "What was sent is wrong.", json),
                (401, "The access token is not good.", json), (403, "The grant does not allow it.", json),
                (404, "There is no such method, room or participant.", json),
            ]),
        Self(method: .get, path: "/healthz", summary: "Whether the process lives", answers: [(200, "It does.", text)]),
        Self(
            method: .get, path: "/readyz", summary: "Whether the server takes connections",
            answers: [(200, "It does.", text), (503, "It is starting or stopping.", text)]),
        Self(
            method: .get, path: "/version", summary: "The program's name and version",
            answers: [(200, "Name and version.", json)]),
        Self(
            method: .get, path: "/metrics", summary: "Counters and gauges in Prometheus' text format",
            answers: [(200, "One sample a line.", text)]),
        Self(
            method: .get, path: OpenAPIDocument.path, summary: "This document",
            answers: [(200, "OpenAPI 3.1.", json)]),
    ]

    private static let text = "text/plain"
    private static let json = "application/json"

    var operation: JSONValue {
        var responses: [String: JSONValue] = [:]
        for answer in answers {
            var response: [String: JSONValue] = ["description": .string(answer.about)]
            if let type = answer.type { response["content"] = [type: [:]] }
            responses["\(answer.status)"] = .object(response)
        }
        var operation: [String: JSONValue] = [
            "operationId": .string(OpenAPIDocument.identifier(method, path)), "summary": .string(summary),
            "tags": ["server"], "security": access == .anyone ? [[:]] : [["accessToken": []]],
            "responses": .object(responses),
        ]
        let parameters = OpenAPIDocument.pathParameters(path)
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        return .object(operation)
    }
}
