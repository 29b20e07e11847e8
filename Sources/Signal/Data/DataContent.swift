import Foundation
import LiveKitProtocol
import Relay

/// What a packet is to the rules of a governed room.
enum DataContent {
    /// A whole chat message.
    case chat(ChatSubmission)
    /// A part of a text stream, which may be chat.
    case streamPart
    /// On a topic that only the server speaks on.
    case reserved
    /// Says that it is chat, and cannot be read.
    case unreadable
    case other

    static let streamTopic = "lk.chat"
    /// What LiveKit's components send beside the text stream, for older clients.
    static let messageTopic = "lk-chat-topic"
    static let updateTopic = "lk-chat-update-topic"

    init(_ routed: RoutedPacket, of message: DataMessage) {
        switch routed.packet.value {
        case .chatMessage(let chat):
            let intent: ChatSubmission.Intent =
                chat.deleted ? .deletion : chat.hasEditTimestamp ? .edit : .message
            self.init(
                ChatSubmission(
                    id: chat.id, text: chat.message, intent: intent, form: .chatMessage,
                    isPrivate: routed.isPrivate, timestamp: chat.timestamp, room: message.room,
                    sender: message.sender))
        case .user(let user) where user.topic == Self.messageTopic || user.topic == Self.updateTopic:
            guard let body = try? JSONDecoder().decode(Body.self, from: user.payload) else {
                self = .unreadable
                return
            }
            self.init(
                ChatSubmission(
                    id: body.id, text: body.message, intent: user.topic == Self.updateTopic ? .edit : .message,
                    form: .userPacket, isPrivate: routed.isPrivate,
                    timestamp: Int64(exactly: (body.timestamp ?? 0).rounded()) ?? 0, room: message.room,
                    sender: message.sender))
        case .user(let user) where user.topic.hasPrefix(ServerNotice.reservedTopics): self = .reserved
        case .streamHeader(let header) where header.topic.hasPrefix(ServerNotice.reservedTopics): self = .reserved
        case .streamHeader, .streamChunk, .streamTrailer: self = .streamPart
        default: self = .other
        }
    }

    private init(_ submission: ChatSubmission) {
        self = ChatSubmission.isSound(id: submission.id) ? .chat(submission) : .unreadable
    }

    private struct Body: Decodable {
        var id: String
        var message: String
        var timestamp: Double?
    }
}
