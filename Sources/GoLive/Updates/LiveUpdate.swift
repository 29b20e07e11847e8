import Foundation

/// What viewers of one host are told as it happens, without asking.
enum LiveUpdate: Sendable, Hashable {
    case status(StreamStatus)
    case viewerCount(Int)
    case info(title: String, description: String, thumbnail: String?)
    case chatSettings(ChatSettings)
}

extension LiveUpdate {
    /// The event's name.
    var name: String {
        switch self {
        case .status: "status"
        case .viewerCount: "viewer-count"
        case .info: "info"
        case .chatSettings: "chat-settings"
        }
    }

    /// - Parameters:
    ///   - username: the host's, which every event bears.
    ///   - chatDelay: for how long a delayed chat holds messages.
    func event(of username: String, chatDelay: Duration) -> ServerSentEvent {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var members = members(chatDelay: chatDelay)
        members["username"] = .string(username)
        let data = (try? encoder.encode(JSONValue.object(members))) ?? Data("{}".utf8)
        return ServerSentEvent(name: name, data: String(decoding: data, as: UTF8.self))
    }

    private func members(chatDelay: Duration) -> [String: JSONValue] {
        switch self {
        case .status(let status):
            [
                "isLive": .bool(status.isLive), "phase": .string(status.phase.rawValue),
                "viewerCount": .integer(Int64(status.viewerCount)),
                "startedAt": status.startedAt.map { .string(WallClock.text($0)) } ?? .null,
            ]
        case .viewerCount(let count):
            ["viewerCount": .integer(Int64(count))]
        case .info(let title, let description, let thumbnail):
            [
                "title": .string(title), "description": .string(description),
                "thumbnail": thumbnail.map(JSONValue.string) ?? .null,
            ]
        case .chatSettings(let chat):
            [
                "isChatEnabled": .bool(chat.isEnabled), "isChatDelayed": .bool(chat.isDelayed),
                "chatDelaySeconds": .number(chatDelay / .seconds(1)),
                "isChatFollowersOnly": .bool(chat.isFollowersOnly),
                "isChatOpenToGuests": .bool(chat.isOpenToGuests),
                "slowModeSeconds": .integer(Int64(chat.slowModeSeconds)),
            ]
        }
    }
}
