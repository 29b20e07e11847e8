import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Taking in what was sent: sizes first, then shape, then each field.
extension Call {
    /// - Throws: `invalid_query`, with every field that is wrong in `details`.
    mutating func read(_ fields: [Field], from query: FlatDictionary<Substring, Substring>) throws(APIError) {
        guard !fields.isEmpty else { return }
        var sent: [String: JSONValue] = [:]
        for field in fields {
            guard let text = query[field.name[...]].map(String.init) else { continue }
            sent[field.name] = field.kind.reading(text)
        }
        try judge(sent, by: fields, code: "invalid_query")
    }

    mutating func read(_ fields: [Field], limit: Int) async throws {
        let bytes = try await collect(limit: limit)
        let hasContent = bytes.contains { !" \t\r\n".utf8.contains($0) }
        guard hasContent || !fields.contains(where: \.isRequired) else { throw APIError.invalidBody }
        if hasContent {
            // A form of another site can send text/plain with our cookie, but no JSON (Fetch §2.2.2).
            let type = request.headers[.contentType]?.lowercased() ?? ""
            guard type.hasPrefix("application/json") else { throw APIError.unsupportedMediaType }
        }
        guard case .object(let sent) = hasContent ? Self.json(bytes) : .object([:]) else { throw APIError.invalidBody }
        try judge(sent, by: fields, code: nil)
    }

    mutating func readBytes(limit: Int, types: [String]) async throws {
        let type = request.headers[.contentType]?.split(separator: ";").first?.lowercased()
        guard let type, types.contains(type) else { throw APIError.unsupportedMediaType }
        bytes = try await collect(limit: limit)
    }

    private func collect(limit: Int) async throws -> [UInt8] {
        if let stated = request.headers[.contentLength].flatMap({ Int($0) }), stated > limit {
            throw APIError.bodyTooLarge
        }
        do {
            return Array(buffer: try await request.body.collect(upTo: limit))
        } catch is NIOTooManyBytesError {
            throw APIError.bodyTooLarge
        }
    }

    private static func json(_ bytes: [UInt8]) -> JSONValue? {
        guard JSONValue.depth(of: bytes) <= JSONValue.depthLimit else { return nil }
        return try? JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    }

    /// Every field is looked at, so that one answer names all that is wrong; its code is the first wrong field's.
    private mutating func judge(
        _ sent: [String: JSONValue], by fields: [Field], code: String?
    ) throws(APIError) {
        var details: [String: String] = [:]
        var first: String?
        for field in fields {
            let value = sent[field.name] ?? .null
            if value == .null {
                if sent[field.name] != nil, field.isNullable { values[field.name] = .null }
                guard field.isRequired else { continue }
                details[field.name] = "is required"
            } else {
                switch field.judge(value) {
                case .accepted(let value):
                    values[field.name] = value
                    continue
                case .refused(let reason): details[field.name] = reason
                }
            }
            first = first ?? field.code
        }
        guard !details.isEmpty else { return }
        let sentences = details.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)." }
        throw APIError(.badRequest, code ?? first ?? "invalid_body", sentences.joined(separator: " "), details: details)
    }
}

extension Field.Kind {
    /// The text of a query as the value that this kind of field holds.
    fileprivate func reading(_ text: String) -> JSONValue {
        switch self {
        case .bool: text == "true" ? true : text == "false" ? false : .string(text)
        case .integer: Int64(text).map(JSONValue.integer) ?? .string(text)
        default: .string(text)
        }
    }
}
