import Signal

/// Why a message is not said.
enum ChatObjection: Sendable, Hashable {
    case blocked
    /// Milliseconds until it ends.
    case timedOut(remaining: Int64)
    case chatDisabled
    case guestsNotAllowed
    case followersOnly
    case empty
    case tooLong
    case controlCharacters
    /// Milliseconds until the next message may be sent.
    case slowMode(remaining: Int64)
    case tooFast(remaining: Int64)
    /// The id was used before, for another message.
    case duplicate
    /// The message to change is not the sender's, or is gone.
    case notYours
    /// The message cannot be kept now.
    case unavailable

    var refusal: ChatRefusal {
        switch self {
        case .blocked: ChatRefusal(code: "blocked", message: "You may not send messages here.")
        case .timedOut(let remaining):
            ChatRefusal(
                code: "timed_out", message: "The host does not let you chat for a while.",
                retryAfter: Self.seconds(remaining))
        case .chatDisabled: ChatRefusal(code: "chat_disabled", message: "The host has turned the chat off.")
        case .guestsNotAllowed: ChatRefusal(code: "guests_not_allowed", message: "Sign in to chat here.")
        case .followersOnly: ChatRefusal(code: "followers_only", message: "Only followers of the host chat here.")
        case .empty: ChatRefusal(code: "empty", message: "The message is empty.")
        case .tooLong:
            ChatRefusal(
                code: "too_long", message: "A message has at most \(ChatText.lengthLimit) characters.")
        case .controlCharacters:
            ChatRefusal(code: "invalid_text", message: "A message must not hold control characters.")
        case .slowMode(let remaining):
            ChatRefusal(
                code: "slow_mode", message: "Slow mode is on: wait before the next message.",
                retryAfter: Self.seconds(remaining))
        case .tooFast(let remaining):
            ChatRefusal(
                code: "too_fast", message: "You are sending messages too fast.", retryAfter: Self.seconds(remaining))
        case .duplicate: ChatRefusal(code: "duplicate", message: "There is a message with this id already.")
        case .notYours: ChatRefusal(code: "not_yours", message: "You have no such message to change.")
        case .unavailable:
            ChatRefusal(
                code: "unavailable", message: "The server cannot take messages right now.", retryAfter: 2)
        }
    }

    private static func seconds(_ milliseconds: Int64) -> Int { Int(max(1, (milliseconds + 999) / 1000)) }
}
