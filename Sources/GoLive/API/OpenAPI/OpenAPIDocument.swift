import Foundation
import HTTPTypes
import Signal

/// What `/openapi.json` says (OpenAPI 3.1): every call, written from the same descriptions that the router and the checks
/// are made from.
struct OpenAPIDocument: Sendable {
    static let path = "/openapi.json"

    /// Named schemas as they are met; each is written once and referred to.
    private(set) var schemas: [String: JSONValue] = [:]
    /// Operations by path and by method in lower case.
    private(set) var paths: [String: [String: JSONValue]] = [:]
    /// Names that two different shapes go by: a mistake of ours.
    private(set) var ambiguousNames: Set<String> = []

    init(_ routes: [Route], door: [DoorEndpoint] = DoorEndpoint.all) {
        for route in routes { add(operation(of: route), route.method, route.path) }
        for endpoint in door { add(endpoint.operation, endpoint.method, endpoint.path) }
    }

    private mutating func add(_ operation: JSONValue, _ method: HTTPRequest.Method, _ path: String) {
        paths[path, default: [:]][method.rawValue.lowercased()] = operation
    }

    var json: JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": .string(ServerVersion.name), "version": .string(ServerVersion.current),
                "description": .string(Self.about),
            ],
            "paths": .object(paths.mapValues(JSONValue.object)),
            "components": [
                "schemas": .object(schemas.merging(["Failure": Self.failure]) { own, _ in own }),
                "securitySchemes": [
                    "session": [
                        "type": "http", "scheme": "bearer",
                        "description": "A session token, or a token of the outside identity provider.",
                    ],
                    "cookie": [
                        "type": "apiKey", "in": "cookie", "name": .string(SessionToken.cookieName),
                        "description": "For pages of this server; what changes something needs an Origin of its own.",
                    ],
                    "accessToken": [
                        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                        "description": "A LiveKit access token.",
                    ],
                ],
            ],
        ]
    }

    /// The document's bytes: the same for the same routes.
    func bytes() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(json))
    }

    private static let about = """
        Success is {"success": true, "data": …} or {"success": true, "message": …}; a refusal is {"success": false, \
        "error": {"code", "message", "details"?}}. Lists take limit and cursor. Times are ISO 8601 in UTC.
        """

    private static let failure: JSONValue = [
        "type": "object", "required": ["success", "error"],
        "properties": [
            "success": ["const": false],
            "error": [
                "type": "object", "required": ["code", "message"],
                "properties": [
                    "code": ["type": "string"], "message": ["type": "string"],
                    "details": ["type": "object", "additionalProperties": ["type": "string"]],
                ],
            ],
        ],
    ]

    // MARK: Shapes

    /// - Returns: the schema of a value, or a reference to it.
    mutating func schema(of shape: Shape) -> JSONValue {
        switch shape {
        case .string: return ["type": "string"]
        case .integer: return ["type": "integer"]
        case .number: return ["type": "number"]
        case .bool: return ["type": "boolean"]
        case .time: return ["type": "string", "format": "date-time"]
        case .choice(let names): return ["type": "string", "enum": .array(names.map(JSONValue.string))]
        case .nullable(let inner): return ["anyOf": [schema(of: inner), ["type": "null"]]]
        case .list(let item): return ["type": "array", "items": schema(of: item)]
        case .page(let item):
            return [
                "type": "object", "required": ["items"],
                "properties": [
                    "items": ["type": "array", "items": schema(of: item)], "nextCursor": ["type": "string"],
                ],
            ]
        case .object(let name, let fields):
            // What may be null may be left out.
            let required = fields.filter { if case .nullable = $0.1 { false } else { true } }.map(\.0)
            let written: JSONValue = [
                "type": "object", "required": .array(required.map(JSONValue.string)),
                "properties": .object(Dictionary(fields.map { ($0.0, schema(of: $0.1)) }) { $1 }),
            ]
            if let known = schemas[name], known != written { ambiguousNames.insert(name) }
            schemas[name] = schemas[name] ?? written
            return ["$ref": .string("#/components/schemas/\(name)")]
        case .message: return ["type": "string"]
        case .raw: return ["type": "string"]
        }
    }
}
