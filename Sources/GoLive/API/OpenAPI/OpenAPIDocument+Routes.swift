import HTTPTypes

/// One route as an operation.
extension OpenAPIDocument {
    mutating func operation(of route: Route) -> JSONValue {
        var operation: [String: JSONValue] = [
            "operationId": .string(Self.identifier(route.method, route.path)), "summary": .string(route.summary),
            "tags": [.string(route.path.split(separator: "/").dropFirst().first.map(String.init) ?? "golive")],
            "security": Self.security(route.access), "responses": .object(responses(of: route)),
        ]
        let parameters = Self.pathParameters(route.path) + route.query.map(\.parameter)
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        switch route.body {
        case .none: break
        case .json(let fields):
            operation["requestBody"] = [
                "required": .bool(fields.contains(where: \.isRequired)),
                "content": ["application/json": ["schema": Self.schema(of: fields)]],
            ]
        case .bytes(let limit, let types):
            operation["requestBody"] = [
                "required": true, "description": .string("At most \(limit) bytes."),
                "content": .object(Dictionary(types.map { ($0, [:]) }) { $1 }),
            ]
        }
        return .object(operation)
    }

    private static func security(_ access: Route.Access) -> JSONValue {
        let signedIn: [JSONValue] = [["session": []], ["cookie": []]]
        return .array(access == .anyone ? [[:]] + signedIn : signedIn)
    }

    /// `postApiAuthLogin`
    static func identifier(_ method: HTTPRequest.Method, _ path: String) -> String {
        let words = path.split { !$0.isLetter && !$0.isNumber }
        return method.rawValue.lowercased() + words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    static func pathParameters(_ path: String) -> [JSONValue] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
            [
                "name": .string(String(part.dropFirst().dropLast())), "in": "path", "required": true,
                "schema": ["type": "string"],
            ]
        }
    }

    private static func schema(of fields: [Field]) -> JSONValue {
        let required = fields.filter(\.isRequired).map { JSONValue.string($0.name) }
        return [
            "type": "object", "required": .array(required),
            "properties": .object(Dictionary(fields.map { ($0.name, $0.schema) }) { $1 }),
        ]
    }

    // MARK: Answers

    private mutating func responses(of route: Route) -> [String: JSONValue] {
        var responses = ["\(route.status.code)": success(route.answer)]
        for (status, refusals) in Dictionary(grouping: route.allRefusals, by: \.status.code) {
            responses["\(status)"] = Self.failure(refusals)
        }
        return responses
    }

    private mutating func success(_ shape: Shape) -> JSONValue {
        switch shape {
        case .raw(let type): return ["description": "Success", "content": [type: [:]]]
        case .message: return Self.success("message", ["type": "string"])
        default: return Self.success("data", schema(of: shape))
        }
    }

    private static func success(_ name: String, _ schema: JSONValue) -> JSONValue {
        [
            "description": "Success",
            "content": [
                "application/json": [
                    "schema": [
                        "type": "object", "required": ["success", .string(name)],
                        "properties": ["success": ["const": true], name: schema],
                    ]
                ]
            ],
        ]
    }

    private static func failure(_ refusals: [APIError]) -> JSONValue {
        var said: [String: String] = [:]
        for refusal in refusals { said[refusal.code] = said[refusal.code] ?? refusal.message }
        let codes = said.keys.sorted()
        return [
            "description": .string(codes.map { "`\($0)`: \(said[$0] ?? "")" }.joined(separator: " ")),
            "content": [
                "application/json": [
                    "schema": [
                        "allOf": [
                            ["$ref": "#/components/schemas/Failure"],
                            [
                                "properties": [
                                    "error": ["properties": ["code": ["enum": .array(codes.map(JSONValue.string))]]]
                                ]
                            ],
                        ]
                    ]
                ]
            ],
        ]
    }
}

extension Route {
    /// Those stated, and those that follow from who may ask, how often, and what is sent.
    var allRefusals: [APIError] {
        // A bearer token that is not good is refused even where none is needed.
        var all: [APIError] = [.unauthenticated]
        if access == .admin { all.append(.notAdmin) }
        if access == .creator { all.append(.creatorNotApproved) }
        if ![.get, .head, .options].contains(method) { all.append(.crossOrigin) }
        if rate != nil { all.append(.tooMany(retryAfter: 1)) }
        if !query.isEmpty { all.append(.invalidQuery) }
        if query.contains(where: { $0.name == "cursor" }) { all.append(.invalidCursor) }
        switch body {
        case .none: break
        case .json(let fields):
            all += [.invalidBody, .bodyTooLarge, .unsupportedMediaType]
            all += fields.map { APIError(.badRequest, $0.code, "What `\($0.name)` must be is said in `details`.") }
        case .bytes: all += [.bodyTooLarge, .unsupportedMediaType]
        }
        return all + refusals + [.internalError, .unavailable]
    }
}

extension Field {
    fileprivate var parameter: JSONValue {
        [
            "name": .string(name), "in": "query", "required": .bool(isRequired), "description": .string(about),
            "schema": schema,
        ]
    }

    var schema: JSONValue {
        var schema: [String: JSONValue] = ["description": .string(about)]
        let type: JSONValue
        switch kind {
        case .text(let range, _):
            type = "string"
            schema["minLength"] = .integer(Int64(range.lowerBound))
            schema["maxLength"] = .integer(Int64(range.upperBound))
        case .choice(let names):
            type = "string"
            schema["enum"] = .array(names.map(JSONValue.string) + (isNullable ? [.null] : []))
        case .webAddress:
            type = "string"
            schema["format"] = "uri-reference"
            schema["maxLength"] = 2048
        case .bool: type = "boolean"
        case .integer(let range):
            type = "integer"
            schema["minimum"] = .integer(range.lowerBound)
            schema["maximum"] = .integer(range.upperBound)
        case .secret(let range):
            type = "string"
            schema["format"] = "password"
            schema["maxLength"] = .integer(Int64(range.upperBound))
        }
        schema["type"] = isNullable ? [type, "null"] : type
        return .object(schema)
    }
}
