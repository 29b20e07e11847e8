import Media

/// What operators and applications do to rooms and to those in them.
extension Relay {
    /// Opens a room, or returns the open one with what the request states applied.
    package func createRoom(_ request: RoomRequest) throws(RelayError) -> RoomState {
        guard !isShuttingDown else { throw .shuttingDown }
        try check(metadata: request.metadata)
        let room = try openRoom(request)
        if let timeout = request.emptyTimeout { room.emptyTimeout = timeout }
        if let timeout = request.departureTimeout { room.departureTimeout = timeout }
        if let limit = request.maxParticipants { room.maxParticipants = limit }
        if !request.metadata.isEmpty, request.metadata != room.metadata {
            room.metadata = request.metadata
            room.tell(.room(room.state))
        }
        return room.state
    }

    /// The rooms of these names, or all.
    package func rooms(named names: [String]) -> [RoomState] {
        names.isEmpty ? rooms.values.map(\.state) : names.compactMap { rooms[$0]?.state }
    }

    /// Closes a room and puts out everyone in it.
    package func deleteRoom(_ name: String) throws(RelayError) {
        let room = try find(room: name)
        for participant in room.participants { depart(participant, reason: .roomDeleted) }
        close(room)
    }

    package func participants(in name: String) throws(RelayError) -> [ParticipantState] {
        try find(room: name).visible.map(\.state)
    }

    package func participant(_ identity: String, in name: String) throws(RelayError) -> ParticipantState {
        try find(identity, in: name).state
    }

    package func remove(_ identity: String, from name: String, reason: LeaveReason) throws(RelayError) {
        depart(try find(identity, in: name), reason: reason)
    }

    /// Mutes or unmutes somebody's track; they are told and follow.
    package func mute(
        _ track: TrackID, of identity: String, in name: String, muted: Bool
    ) throws(RelayError) -> TrackState {
        let participant = try find(identity, in: name)
        guard let publication = participant.publications[track] else { throw .trackNotFound }
        if publication.state.isMuted != muted {
            participant.events.yield(.trackMuted(track, muted))
            publication.isMutedByServer = muted
            setMuted(publication, of: participant, muted)
        }
        return publication.state
    }

    package func update(
        _ identity: String, in name: String, _ update: ParticipantUpdate
    ) throws(RelayError) -> ParticipantState {
        let participant = try find(identity, in: name)
        try apply(update, to: participant)
        return participant.state
    }

    /// Lets participants send data, or no longer; whom the room does not have is passed over. Nothing else of their
    /// permissions changes. Those who see them are told once, of all for whom this is a change.
    package func permitData(_ allowed: [String: Bool], in name: String) throws(RelayError) {
        let room = try find(room: name)
        var changed: [Participant] = []
        for participant in room.participants {
            guard let allowed = allowed[participant.identity], participant.permission.canPublishData != allowed
            else { continue }
            participant.permission.canPublishData = allowed
            participant.touch()
            changed.append(participant)
        }
        for participant in changed where !participant.isKnown {
            participant.events.yield(.participants([participant.state]))
        }
        let seen = changed.filter(\.isKnown).map(\.state)
        if !seen.isEmpty { room.tell(.participants(seen)) }
    }

    package func updateSubscriptions(
        of identity: String, in name: String, tracks: [TrackID], subscribed: Bool
    ) throws(RelayError) {
        try setSubscribed(try find(identity, in: name).id, tracks: tracks, subscribed: subscribed)
    }

    package func updateRoomMetadata(_ name: String, _ metadata: String) throws(RelayError) -> RoomState {
        let room = try find(room: name)
        try check(metadata: metadata)
        room.metadata = metadata
        room.tell(.room(room.state))
        return room.state
    }

    /// Passes a data message on.
    ///
    /// - Parameters:
    ///   - payload: as the receivers' SDKs expect it; opaque here.
    ///   - sender: who does not get it back; nil when the server itself speaks.
    package func deliver(
        _ payload: [UInt8], kind: DataKind, room name: String, to recipients: DataRecipients,
        from sender: ParticipantID?
    ) throws(RelayError) {
        let room = try find(room: name)
        let limit = configuration.limits.data.messageSize
        guard payload.count <= limit else { throw .limitReached("data messages of \(limit) bytes") }
        if let sender, let speaker = participants[sender], speaker.room === room { room.introduce(speaker) }
        for participant in room.participants where participant.id != sender {
            if case .identities(let identities) = recipients, !identities.contains(participant.identity) { continue }
            directory.post(.sendData(payload, kind), to: participant.subscriber)
        }
    }

    // MARK: -

    func openRoom(_ request: RoomRequest) throws(RelayError) -> Room {
        if let room = rooms[request.name] { return room }
        let limits = configuration.limits
        guard !request.name.isEmpty, request.name.utf8.count <= limits.name else {
            throw .limitReached("room name of 1 to \(limits.name) bytes")
        }
        guard rooms.count < limits.rooms else { throw .limitReached("\(limits.rooms) rooms") }
        let room = Room(
            name: request.name, createdAt: Clock.wallMilliseconds(), metadata: request.metadata,
            emptyTimeout: request.emptyTimeout ?? configuration.emptyTimeout,
            departureTimeout: request.departureTimeout ?? configuration.departureTimeout,
            maxParticipants: request.maxParticipants ?? 0, rosterLimit: configuration.limits.roster)
        rooms[request.name] = room
        publish(.roomStarted(room.state))
        return room
    }

    func close(_ room: Room) {
        guard rooms.removeValue(forKey: room.name) != nil else { return }
        publish(.roomFinished(room.state))
    }

    private func find(room name: String) throws(RelayError) -> Room {
        guard let room = rooms[name] else { throw .roomNotFound }
        return room
    }

    private func find(_ identity: String, in name: String) throws(RelayError) -> Participant {
        guard let participant = try find(room: name).participant(identity: identity) else {
            throw .participantNotFound
        }
        return participant
    }
}
