package import Relay

/// Who decides what passes in the rooms that belong to the application. Each room's questions come one after another;
/// those of different rooms come at the same time.
package struct RoomJudge: Sendable {
    /// Whether a room is the application's. All others are plain LiveKit rooms.
    package var governs: @Sendable (_ room: String) async -> Bool
    /// One verdict for each submission, in their order.
    package var judge: @Sendable (_ room: String, _ submissions: [RoomSubmission]) async -> [RoomVerdict]
    /// The last word on messages that were held, when their time has come: anything but `hold`.
    package var release: @Sendable (_ room: String, _ submissions: [ChatSubmission]) async -> [RoomVerdict]

    package init(
        governs: @escaping @Sendable (_ room: String) async -> Bool,
        judge: @escaping @Sendable (_ room: String, _ submissions: [RoomSubmission]) async -> [RoomVerdict],
        release: @escaping @Sendable (_ room: String, _ submissions: [ChatSubmission]) async -> [RoomVerdict]
    ) {
        self.governs = governs
        self.judge = judge
        self.release = release
    }
}

/// What is judged.
package enum RoomSubmission: Sendable, Hashable {
    case chat(ChatSubmission)
    /// A packet that is no chat.
    case data(sender: ParticipantState, bytes: Int)

    package var sender: ParticipantState {
        switch self {
        case .chat(let chat): chat.sender
        case .data(let sender, _): sender
        }
    }
}

package enum RoomVerdict: Sendable, Hashable {
    case deliver
    /// Deliver after this long, if it is released then. The sender is told.
    case hold(Duration)
    /// The sender is told why, and nobody else.
    case refuse(ChatRefusal)
    /// Without a word.
    case drop
}

/// Why something was not said, for its sender.
package struct ChatRefusal: Sendable, Hashable {
    /// In snake case, for programs.
    package var code: String
    /// A sentence, for people.
    package var message: String
    /// Seconds until it is worth trying again.
    package var retryAfter: Int?

    package init(code: String, message: String, retryAfter: Int? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    static let unreadable = ChatRefusal(code: "unreadable", message: "The message could not be read.")
    static let tooLong = ChatRefusal(code: "too_long", message: "The message is too long.")
}
