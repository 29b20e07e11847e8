/// What a creator sends about their stream; nil leaves as it is.
struct StreamChanges: Sendable, Hashable {
    /// A picture's address that was sent, or null to go back to the one that is kept here.
    enum Thumbnail: Sendable, Hashable {
        case none
        case at(String)
    }

    var title: String?
    var description: String?
    var thumbnail: Thumbnail?
    var isChatEnabled: Bool?
    var isChatDelayed: Bool?
    var isChatFollowersOnly: Bool?
    var isChatOpenToGuests: Bool?
    var slowModeSeconds: Int?

    func apply(to stream: inout Stream) {
        stream.title = title ?? stream.title
        stream.description = description ?? stream.description
        switch thumbnail {
        case nil: break
        case Thumbnail.none?: stream.thumbnail = nil
        case .at(let address)?: stream.thumbnail = address
        }
        stream.chat.isEnabled = isChatEnabled ?? stream.chat.isEnabled
        stream.chat.isDelayed = isChatDelayed ?? stream.chat.isDelayed
        stream.chat.isFollowersOnly = isChatFollowersOnly ?? stream.chat.isFollowersOnly
        stream.chat.isOpenToGuests = isChatOpenToGuests ?? stream.chat.isOpenToGuests
        stream.chat.slowModeSeconds = slowModeSeconds ?? stream.chat.slowModeSeconds
    }
}

extension StreamChanges {
    /// What a call sent, by the names of `infoFields` and `chatFields`.
    init(_ call: Call) {
        title = call.text("title")
        description = call.text("description")
        thumbnail = call.clears("thumbnail") ? Thumbnail.none : call.text("thumbnail").map(Thumbnail.at)
        isChatEnabled = call.bool("isChatEnabled")
        isChatDelayed = call.bool("isChatDelayed")
        isChatFollowersOnly = call.bool("isChatFollowersOnly")
        isChatOpenToGuests = call.bool("isChatOpenToGuests")
        slowModeSeconds = call.integer("slowModeSeconds").map(Int.init)
    }

    static func infoFields(titleRequired: Bool) -> [Field] {
        [
            Field(
                name: "title", kind: .text(1...200, lines: .one), isRequired: titleRequired, code: "invalid_title",
                about: "Of the stream."),
            Field(name: "description", kind: .text(0...5000, lines: .many), about: "What the stream is about."),
            Field(
                name: "thumbnail", kind: .webAddress, isNullable: true,
                about: "The address of a picture; null: the one that was uploaded, or made while live."),
        ]
    }

    static let chatFields = [
        Field(name: "isChatEnabled", kind: .bool, about: "Whether anyone but the host may chat."),
        Field(name: "isChatDelayed", kind: .bool, about: "Whether messages are held for a few seconds."),
        Field(name: "isChatFollowersOnly", kind: .bool, about: "Whether only followers may chat."),
        Field(name: "isChatOpenToGuests", kind: .bool, about: "Whether those without an account may chat."),
        Field(
            name: "slowModeSeconds", kind: .integer(0...300),
            about: "Seconds that each sender waits between messages; 0: none."),
    ]
}
