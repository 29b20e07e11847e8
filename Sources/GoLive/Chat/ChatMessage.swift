/// One message of a host's chat, as it is kept.
struct ChatMessage: Sendable, Hashable {
    /// The sender's, unique among the host's messages.
    var id: String
    /// Of the participant.
    var identity: String
    /// When the sender has an account.
    var userID: String?
    /// As it was shown then.
    var name: String
    var text: String
    /// Milliseconds since 1970.
    var sentAt: Int64
}

/// What is to become of a host's chat.
enum ChatChange: Sendable, Hashable {
    case add(ChatMessage)
    /// A sender changes what they said.
    case edit(id: String, identity: String, text: String)
    /// A sender takes back what they said; the host (`identity` is nil) what anyone said.
    case remove(id: String, identity: String?)
}
