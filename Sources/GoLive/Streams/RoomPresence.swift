import Relay

/// Who is in one host's room, followed from the relay's events: whether the host's media is there, and who watches.
struct RoomPresence: Sendable, Hashable {
    /// The host's user id and the room's name.
    let hostID: String
    /// Whether the relay has the room.
    private(set) var isOpen = false
    private var flowing: Set<TrackID> = []
    private var watching: Set<ParticipantID> = []

    init(hostID: String) {
        self.hostID = hostID
    }

    /// At least one track of the host is flowing, or muted.
    var hasMedia: Bool { !flowing.isEmpty }

    /// Active participants, but for the host's own identities and hidden ones.
    var viewerCount: Int { watching.count }

    /// The identity under which hosts watch themselves.
    static func selfViewIdentity(of hostID: String) -> String { "Host-\(hostID)" }

    mutating func receive(_ event: RelayEvent) {
        switch event {
        case .roomStarted:
            isOpen = true
        case .roomFinished:
            self = RoomPresence(hostID: hostID)
        case .participantJoined(_, let participant):
            guard !isHost(participant), !participant.permission.hidden else { return }
            watching.insert(participant.id)
        case .participantLeft(_, let participant):
            watching.remove(participant.id)
        case .mediaStarted(_, let participant, let track):
            if participant.identity == hostID { flowing.insert(track.id) }
        case .mediaStopped(_, _, let track), .trackUnpublished(_, _, let track):
            flowing.remove(track.id)
        case .trackPublished:
            break
        }
    }

    private func isHost(_ participant: ParticipantState) -> Bool {
        participant.identity == hostID || participant.identity == Self.selfViewIdentity(of: hostID)
    }
}

extension RelayEvent {
    /// The room it is about.
    var room: RoomState {
        switch self {
        case .roomStarted(let room), .roomFinished(let room), .participantJoined(let room, _),
            .participantLeft(let room, _), .trackPublished(let room, _, _), .trackUnpublished(let room, _, _),
            .mediaStarted(let room, _, _), .mediaStopped(let room, _, _):
            room
        }
    }
}
