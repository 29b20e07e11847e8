/// A stream as the API gives it. What is true of it at the moment comes from `LiveStreams`, not from the record.
struct StreamView: Encodable, Sendable {
    var id: String
    var title: String
    var description: String
    var thumbnail: OrNull<String>
    var isLive: Bool
    var phase: String
    var viewerCount: Int
    var startedAt: OrNull<String>
    /// When it was last seen live; null while it is, and where it never was.
    var lastLiveAt: OrNull<String>
    var isChatEnabled: Bool
    var isChatDelayed: Bool
    var isChatFollowersOnly: Bool
    var isChatOpenToGuests: Bool
    var slowModeSeconds: Int

    init(_ hosted: HostedStream, _ status: StreamStatus) {
        let stream = hosted.stream
        id = stream.id
        title = stream.title
        description = stream.description
        thumbnail = OrNull(hosted.thumbnail)
        isLive = status.isLive
        phase = status.phase.rawValue
        viewerCount = status.viewerCount
        startedAt = OrNull(status.startedAt.map(WallClock.text))
        lastLiveAt = OrNull(status.isLive ? nil : hosted.lastLiveAt.map(WallClock.text))
        isChatEnabled = stream.chat.isEnabled
        isChatDelayed = stream.chat.isDelayed
        isChatFollowersOnly = stream.chat.isFollowersOnly
        isChatOpenToGuests = stream.chat.isOpenToGuests
        slowModeSeconds = stream.chat.slowModeSeconds
    }

    static let shape = Shape.object(
        "Stream",
        [
            ("id", .string), ("title", .string), ("description", .string), ("thumbnail", .nullable(.string)),
            ("isLive", .bool), ("phase", StreamStatusView.phaseShape), ("viewerCount", .integer),
            ("startedAt", .nullable(.time)), ("lastLiveAt", .nullable(.time)),
        ] + ChatSettingsView.fields)
}

/// The rules of a chat as the API gives them.
struct ChatSettingsView: Encodable, Sendable {
    var isChatEnabled: Bool
    var isChatDelayed: Bool
    var isChatFollowersOnly: Bool
    var isChatOpenToGuests: Bool
    var slowModeSeconds: Int

    init(_ chat: ChatSettings) {
        isChatEnabled = chat.isEnabled
        isChatDelayed = chat.isDelayed
        isChatFollowersOnly = chat.isFollowersOnly
        isChatOpenToGuests = chat.isOpenToGuests
        slowModeSeconds = chat.slowModeSeconds
    }

    static let fields: [(String, Shape)] = [
        ("isChatEnabled", .bool), ("isChatDelayed", .bool), ("isChatFollowersOnly", .bool),
        ("isChatOpenToGuests", .bool), ("slowModeSeconds", .integer),
    ]
    static let shape = Shape.object("ChatSettings", fields)
}

/// Where a stream is at the moment, as the API gives it.
struct StreamStatusView: Encodable, Sendable {
    var isLive: Bool
    var phase: String
    var viewerCount: Int
    var startedAt: OrNull<String>

    init(_ status: StreamStatus) {
        isLive = status.isLive
        phase = status.phase.rawValue
        viewerCount = status.viewerCount
        startedAt = OrNull(status.startedAt.map(WallClock.text))
    }

    static let phaseShape = Shape.choice(Stream.Phase.allCases.map(\.rawValue))
    static let shape = Shape.object(
        "StreamStatus",
        [("isLive", .bool), ("phase", phaseShape), ("viewerCount", .integer), ("startedAt", .nullable(.time))])
}
