package import Relay

/// Something that a participant says in a room whose chat is judged, read out of the packet it came in.
package struct ChatSubmission: Sendable, Hashable {
    /// The ways in which LiveKit's SDKs send chat. Some tell one message in two of them, under one id.
    package enum Form: Sendable, Hashable, CaseIterable {
        /// A text stream on topic `lk.chat`, put together.
        case textStream
        /// A `ChatMessage` packet.
        case chatMessage
        /// A user packet that holds JSON, on topic `lk-chat-topic` or `lk-chat-update-topic`.
        case userPacket
    }

    package enum Intent: Sendable, Hashable {
        case message
        /// `text` replaces that of the sender's message `id`.
        case edit
        /// Takes the sender's message `id` back.
        case deletion
    }

    /// The sender's, of 1 to 128 bytes without control characters.
    package var id: String
    package var text: String
    package var intent: Intent
    package var form: Form
    /// Whether the sender named those who are to have it.
    package var isPrivate: Bool
    /// When it was sent, as the sender says; milliseconds since 1970.
    package var timestamp: Int64
    package var room: String
    package var sender: ParticipantState

    package init(
        id: String, text: String, intent: Intent = .message, form: Form, isPrivate: Bool = false, timestamp: Int64,
        room: String, sender: ParticipantState
    ) {
        self.id = id
        self.text = text
        self.intent = intent
        self.form = form
        self.isPrivate = isPrivate
        self.timestamp = timestamp
        self.room = room
        self.sender = sender
    }

    /// Whether an id can be kept and repeated.
    static func isSound(id: String) -> Bool {
        (1...128).contains(id.utf8.count) && !id.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
