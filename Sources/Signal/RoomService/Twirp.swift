import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import SwiftProtobuf

/// `POST /twirp/livekit.RoomService/{Method}`: finds the caller's grant, reads the body as protobuf or JSON by its
/// content type, and answers in kind.
struct Twirp: Sendable {
    enum Format: Sendable {
        case json, protobuf

        var contentType: String {
            switch self {
            case .json: "application/json"
            case .protobuf: "application/protobuf"
            }
        }
    }

    let service: RoomService
    let admission: Admission
    /// Bytes.
    let bodyLimit: Int

    func answer(_ request: Request, method: String) async -> Response {
        do {
            guard let format = Self.format(request.headers[.contentType]) else {
                throw TwirpError(.badRoute, "the content type must be application/json or application/protobuf")
            }
            let grant = try await grant(of: request)
            guard let body = try? await request.body.collect(upTo: bodyLimit) else {
                throw TwirpError(.malformed, "the body could not be read, or is longer than \(bodyLimit) bytes")
            }
            let reply = try await service.call(
                method, TwirpBody(format: format, bytes: Data(body.readableBytesView)), by: grant)
            return .whole(.ok, type: format.contentType, ByteBuffer(bytes: reply.bytes))
        } catch let error as TwirpError {
            return Self.failure(error)
        } catch {
            return Self.failure(TwirpError(.internal, "internal error"))
        }
    }

    private func grant(of request: Request) async throws(TwirpError) -> Grant {
        do {
            return try await admission.verified(authorization: request.headers[.authorization])
        } catch {
            throw TwirpError(.unauthenticated, error.reason)
        }
    }

    private static func format(_ contentType: String?) -> Format? {
        switch contentType?.split(separator: ";").first?.trimmingCharacters(in: .whitespaces).lowercased() {
        case "application/json": .json
        case "application/protobuf": .protobuf
        default: nil
        }
    }

    private static func failure(_ error: TwirpError) -> Response {
        let body = try? JSONEncoder().encode(["code": error.code.rawValue, "msg": error.message])
        return .whole(error.code.status, type: "application/json", ByteBuffer(bytes: body ?? Data()))
    }
}

/// A message in one of Twirp's two formats. Unknown JSON members are ignored, as unknown fields are.
struct TwirpBody: Sendable {
    let format: Twirp.Format
    let bytes: Data

    func decode<M: Message>(_: M.Type = M.self) throws(TwirpError) -> M {
        do {
            switch format {
            case .protobuf: return try M(serializedBytes: bytes)
            case .json:
                var options = JSONDecodingOptions()
                options.ignoreUnknownFields = true
                return try M(jsonUTF8Data: bytes, options: options)
            }
        } catch {
            throw TwirpError(.malformed, "the body is not a \(M.protoMessageName)")
        }
    }

    init(format: Twirp.Format, bytes: Data) {
        self.format = format
        self.bytes = bytes
    }

    init(_ message: some Message, format: Twirp.Format) throws(TwirpError) {
        self.format = format
        do {
            switch format {
            case .protobuf: bytes = try message.serializedData()
            case .json:
                var options = JSONEncodingOptions()
                options.preserveProtoFieldNames = true
                bytes = try message.jsonUTF8Data(options: options)
            }
        } catch {
            throw TwirpError(.internal, "the answer could not be written")
        }
    }
}
