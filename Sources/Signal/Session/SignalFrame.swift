import LiveKitProtocol
import NIOCore
import SwiftProtobuf

/// The two forms of a signalling message on the WebSocket: protobuf in a binary message, or its JSON in a text message.
///
/// A server speaks protobuf until the client's first text message, and JSON from then on.
enum SignalFormat: Sendable {
    case protobuf
    case json

    func encode(_ response: LiveKit_SignalResponse) throws -> WebSocketMessage {
        switch self {
        case .protobuf:
            let bytes: [UInt8] = try response.serializedBytes()
            return .binary(ByteBuffer(bytes: bytes))
        case .json:
            return .text(try response.jsonString())
        }
    }
}

extension WebSocketMessage {
    /// Bytes on the wire, without framing.
    var size: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .binary(let bytes): bytes.readableBytes
        }
    }

    var format: SignalFormat {
        switch self {
        case .text: .json
        case .binary: .protobuf
        }
    }
}

extension LiveKit_SignalRequest {
    /// Messages nest this deep at most.
    private static let depth = 16

    /// Fields and members of later protocols are passed over; `nil`: it cannot be read.
    init?(_ message: WebSocketMessage) {
        do {
            switch message {
            case .text(let text):
                var options = JSONDecodingOptions()
                options.ignoreUnknownFields = true
                options.messageDepthLimit = Self.depth
                try self.init(jsonString: text, options: options)
            case .binary(let buffer):
                var options = BinaryDecodingOptions()
                options.discardUnknownFields = true
                options.messageDepthLimit = Self.depth
                try self.init(serializedBytes: Array(buffer: buffer), options: options)
            }
        } catch {
            return nil
        }
    }
}
