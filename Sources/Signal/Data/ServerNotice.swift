import Foundation
import LiveKitProtocol
package import Relay
import SwiftProtobuf

/// What the server itself says about chat, on a topic that participants cannot send on.
package enum ServerNotice: Sendable, Hashable {
    case refused(id: String, ChatRefusal)
    case held(id: String, delay: Duration)
    /// Everyone is to forget a message.
    case deleted(id: String)

    /// Topics that begin so are the server's.
    static let reservedTopics = "golive."
    static let topic = "golive.chat"

    private struct Body: Encodable {
        var type: String
        var id: String
        var code: String?
        var message: String?
        /// Seconds.
        var retryAfter: Int?
        /// Milliseconds.
        var delay: Int64?
    }

    private var body: Body {
        switch self {
        case .refused(let id, let refusal):
            Body(
                type: "refused", id: id, code: refusal.code, message: refusal.message,
                retryAfter: refusal.retryAfter)
        case .held(let id, let delay):
            Body(type: "held", id: id, delay: Int64(delay / .milliseconds(1)))
        case .deleted(let id):
            Body(type: "deleted", id: id)
        }
    }

    /// JSON for those who know the topic; a deletion also in the form that LiveKit's SDKs know.
    var packets: [[UInt8]] {
        var packets = [
            LiveKit_DataPacket.with {
                $0.kind = .reliable
                $0.user.topic = Self.topic
                $0.user.payload = (try? JSONEncoder().encode(body)) ?? Data()
            }
        ]
        if case .deleted(let id) = self {
            packets.append(
                .with {
                    $0.kind = .reliable
                    $0.chatMessage.id = id
                    $0.chatMessage.deleted = true
                })
        }
        return packets.compactMap { try? $0.serializedBytes() }
    }
}

extension Relay {
    /// Says something to those in a room; nobody hears it when the room is gone.
    package func tell(_ notice: ServerNotice, room: String, to recipients: DataRecipients) {
        for packet in notice.packets {
            try? deliver(packet, kind: .reliable, room: room, to: recipients, from: nil)
        }
    }
}
