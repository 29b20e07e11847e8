import Foundation

/// A room's metadata: every client in the room sees a change of it at once.
struct RoomMetadata: Encodable, Sendable {
    var title: String
    var description: String
    var hostId: String
    var username: String
    var displayName: String
    var thumbnail: OrNull<String>
    var isChatEnabled: Bool
    var isChatDelayed: Bool
    /// For how long a delayed chat holds messages.
    var chatDelaySeconds: Double
    var isChatFollowersOnly: Bool
    var isChatOpenToGuests: Bool
    var slowModeSeconds: Int
    var isLive: Bool
    var phase: String
    var startedAt: OrNull<String>

    init(_ hosted: HostedStream, _ status: StreamStatus, chatDelay: Duration) {
        let stream = hosted.stream
        title = stream.title
        description = stream.description
        hostId = hosted.host.id
        username = hosted.host.username
        displayName = hosted.host.displayName
        thumbnail = OrNull(hosted.thumbnail)
        isChatEnabled = stream.chat.isEnabled
        isChatDelayed = stream.chat.isDelayed
        chatDelaySeconds = chatDelay / .seconds(1)
        isChatFollowersOnly = stream.chat.isFollowersOnly
        isChatOpenToGuests = stream.chat.isOpenToGuests
        slowModeSeconds = stream.chat.slowModeSeconds
        isLive = status.isLive
        phase = status.phase.rawValue
        startedAt = OrNull(status.startedAt.map(WallClock.text))
    }

    /// JSON, the same for the same state.
    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
