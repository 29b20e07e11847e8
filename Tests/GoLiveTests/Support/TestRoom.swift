@testable import GoLive
@testable import Relay

/// A host's room on a server: participants join the relay for real; their media is told of as its workers would.
struct TestRoom: Sendable {
    let relay: Relay
    let hostID: String

    /// Somebody who is there with media connections.
    @discardableResult
    func enter(_ identity: String, hidden: Bool = false) async throws -> Joined {
        let permission = Permission(canSubscribe: true, canPublish: identity == hostID, hidden: hidden)
        let joined = try await relay.join(JoinRequest(room: hostID, identity: identity, permission: permission))
        relay.publish(.participantJoined(joined.room, joined.participant))
        return joined
    }

    func leave(_ joined: Joined) async {
        await relay.leave(joined.participant.id, reason: .clientInitiated)
        relay.publish(.participantLeft(joined.room, joined.participant))
    }

    func startMedia(of joined: Joined, track: String = "TR_1") {
        relay.publish(.mediaStarted(joined.room, joined.participant, .test(track)))
    }

    func stopMedia(of joined: Joined, track: String = "TR_1") {
        relay.publish(.mediaStopped(joined.room, joined.participant, .test(track)))
    }

    /// What everyone in the room sees of the stream; null before there is anything.
    func metadata() async throws -> JSONValue {
        guard let room = await relay.rooms(named: [hostID]).first, !room.metadata.isEmpty else { return .null }
        return try JSONValue(text: room.metadata)
    }
}

extension TestServer {
    func room(of host: TestPerson) -> TestRoom { TestRoom(relay: server.relay, hostID: host.user.id) }

    /// A creator whose stream is set up.
    func host(_ name: String, title: String = "A stream") async throws -> TestPerson {
        let person = try await creator(name)
        try await store.addStream(of: person.user, title: title)
        return person
    }
}

extension TrackState {
    static func test(_ id: String) -> TrackState {
        TrackState(
            id: TrackID(id), kind: .video, source: .camera, name: "", isMuted: false, width: 0, height: 0, layers: [],
            isSimulcast: false, mimeType: "video/VP8", mid: "0", stream: "", isStereo: false, disablesDTX: false,
            disablesRED: false, encryption: 0)
    }
}

extension RoomState {
    static func test(_ name: String) -> RoomState {
        RoomState(
            id: RoomID("RM_1"), name: name, metadata: "", createdAt: 1, emptyTimeout: 1, departureTimeout: 1,
            maxParticipants: 0, participantCount: 0, publisherCount: 0)
    }
}

extension ParticipantState {
    static func test(_ identity: String, hidden: Bool = false) -> ParticipantState {
        ParticipantState(
            id: ParticipantID("PA_\(identity)"), identity: identity, name: "", metadata: "", attributes: [:],
            stage: .active, joinedAt: 1, permission: Permission(hidden: hidden), tracks: [], version: 1,
            leaveReason: nil)
    }
}
