import Media

/// A room as the control plane keeps it.
final class Room {
    let id = RoomID.random()
    let name: String
    let createdAt: Int64
    var metadata: String
    var emptyTimeout: Int
    var departureTimeout: Int
    var maxParticipants: Int
    /// In the order of joining.
    private(set) var participants: [Participant] = []
    private var byIdentity: [String: Participant] = [:]
    /// When it became empty, by the workers' clock; nil while somebody is in it or before the first tick since.
    var emptySince: Instant?
    private(set) var wasUsed = false
    var speakers = ActiveSpeakers()
    var departures = Departures()
    var icePreferences = ICEPreferences()
    /// Participants up to which everyone is told of everyone.
    let rosterLimit: Int
    /// The number of participants that was told last.
    var toldCount = 0

    init(
        name: String, createdAt: Int64, metadata: String, emptyTimeout: Int, departureTimeout: Int,
        maxParticipants: Int, rosterLimit: Int
    ) {
        self.name = name
        self.createdAt = createdAt
        self.metadata = metadata
        self.emptyTimeout = emptyTimeout
        self.departureTimeout = departureTimeout
        self.maxParticipants = maxParticipants
        self.rosterLimit = rosterLimit
    }

    func add(_ participant: Participant) {
        participants.append(participant)
        byIdentity[participant.identity] = participant
        wasUsed = true
        emptySince = nil
    }

    func remove(_ participant: Participant) {
        participants.removeAll { $0 === participant }
        if byIdentity[participant.identity] === participant { byIdentity[participant.identity] = nil }
        speakers.remove(participant.id)
    }

    func participant(identity: String) -> Participant? { byIdentity[identity] }

    /// Those that others see.
    var visible: [Participant] { participants.filter { !$0.permission.hidden } }
    var visibleCount: Int { participants.count { !$0.permission.hidden } }

    /// How long it may stay empty from now on.
    var timeout: Duration { .seconds(wasUsed ? departureTimeout : emptyTimeout) }

    var state: RoomState {
        RoomState(
            id: id, name: name, metadata: metadata, createdAt: createdAt, emptyTimeout: emptyTimeout,
            departureTimeout: departureTimeout, maxParticipants: maxParticipants, participantCount: visibleCount,
            publisherCount: participants.count { participant in
                !participant.permission.hidden && participant.publications.values.contains { $0.media != nil }
            })
    }

    /// Tells everyone but `except`.
    func tell(_ event: ParticipantEvent, except: Participant? = nil) {
        for participant in participants where participant !== except { participant.events.yield(event) }
    }
}
