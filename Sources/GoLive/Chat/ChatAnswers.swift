/// A message of the history, as the API writes it. `text` is text, never markup.
struct ChatMessageAnswer: Encodable, Sendable {
    /// Where it is in the history; not written.
    var number: Int64
    var id: String
    var identity: String
    var userId: String?
    /// Null for guests.
    var username: OrNull<String>
    var name: String
    var text: String
    var sentAt: String
    var isHost: Bool

    private enum CodingKeys: CodingKey {
        case id, identity, userId, username, name, text, sentAt, isHost
    }

    init(_ message: ChatMessage, number: Int64, username: String?, hostID: String) {
        self.number = number
        id = message.id
        identity = message.identity
        userId = message.userID
        self.username = OrNull(username)
        name = message.name
        text = message.text
        sentAt = WallClock.text(message.sentAt)
        isHost = ChatPerson.isHost(message.identity, hostID: hostID)
    }

    static let shape = Shape.object(
        "ChatMessage",
        [
            ("id", .string), ("identity", .string), ("userId", .nullable(.string)),
            ("username", .nullable(.string)), ("name", .string), ("text", .string), ("sentAt", .time),
            ("isHost", .bool),
        ])
}

struct ChatTimeoutAnswer: Encodable, Sendable {
    var identity: String
    /// Absent when the timeout was lifted.
    var until: String?

    /// - Parameter until: milliseconds since 1970.
    init(identity: String, until: Int64?) {
        self.identity = identity
        self.until = until.map(WallClock.text)
    }

    init(_ timeout: ChatTimeout) {
        self.init(identity: timeout.identity, until: timeout.until)
    }

    static let shape = Shape.object("ChatTimeout", [("identity", .string), ("until", .nullable(.time))])
}
