import Media

/// Coming, changing and going.
extension Relay {
    /// Lets a participant in, whose token has been checked. One with the same identity who is already there is put out
    /// as a duplicate.
    package func join(_ request: JoinRequest) throws(RelayError) -> Joined {
        guard !isShuttingDown else { throw .shuttingDown }
        try check(request)
        let room = try openRoom(RoomRequest(name: request.room))
        if let former = room.participant(identity: request.identity) { depart(former, reason: .duplicateIdentity) }
        if room.maxParticipants > 0, room.participants.count >= room.maxParticipants { throw .roomFull }

        let participant = makeParticipant(request, room: room)
        let others = room.known.map(\.state)
        let events = participant.events.attach()
        room.add(participant)
        participants[participant.id] = participant
        byTransport[participant.publisher] = participant
        byTransport[participant.subscriber] = participant
        joinTimes[participant.id] = Clock.now()
        if room.shows(participant) { room.introduce(participant) }
        subscribeAutomatically(participant)
        negotiate(participant)
        return Joined(
            participant: participant.state, room: room.state, others: others, link: participant.signalling.link,
            events: events, icePreference: participant.icePreference)
    }

    /// The participant's own change of name, metadata or attributes.
    package func updateOwn(_ id: ParticipantID, _ update: ParticipantUpdate) throws(RelayError) {
        let participant = try find(id)
        guard participant.permission.canUpdateOwnMetadata else { throw .notPermitted("update own metadata") }
        var allowed = update
        allowed.permission = nil
        try apply(allowed, to: participant)
    }

    /// A participant goes, at once.
    package func leave(_ id: ParticipantID, reason: LeaveReason) {
        guard let participant = participants[id] else { return }
        depart(participant, reason: reason)
    }

    // MARK: -

    private func check(_ request: JoinRequest) throws(RelayError) {
        let limits = configuration.limits
        for (what, text) in [("room name", request.room), ("identity", request.identity), ("name", request.name)]
        where text.utf8.count > limits.name {
            throw .limitReached("\(what) of \(limits.name) bytes")
        }
        guard !request.identity.isEmpty else { throw .notPermitted("join without an identity") }
        guard !request.room.isEmpty else { throw .notPermitted("join without a room") }
        try check(metadata: request.metadata, attributes: request.attributes)
    }

    func check(metadata: String, attributes: [String: String] = [:]) throws(RelayError) {
        let limits = configuration.limits
        guard metadata.utf8.count <= limits.metadata else {
            throw .limitReached("metadata of \(limits.metadata) bytes")
        }
        let size = attributes.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard size <= limits.attributes else { throw .limitReached("attributes of \(limits.attributes) bytes") }
    }

    private func makeParticipant(_ request: JoinRequest, room: Room) -> Participant {
        var random = SystemRandom()
        let incoming = ICECredentials.random(using: &random)
        let outgoing = ICECredentials.random(using: &random)
        let preference = room.icePreferences.preference(of: request.identity, at: Clock.now())
        let endpoint = endpoint.offering(preference)
        return Participant(
            request, room: room, joinedAt: Clock.wallMilliseconds(), icePreference: preference,
            publisher: (
                makeTransport(.incoming, credentials: incoming),
                PublisherNegotiation(
                    credentials: incoming, endpoint: endpoint, sessionID: .random(in: 1..<1 << 62, using: &random))
            ),
            subscriber: (
                makeTransport(.outgoing, credentials: outgoing),
                SubscriberNegotiation(
                    credentials: outgoing, endpoint: endpoint, sessionID: .random(in: 1..<1 << 62, using: &random),
                    firstSSRC: .random(in: 1..<1 << 31, using: &random))
            ))
    }

    /// Takes a participant out, tells them and the others, and frees everything that was theirs.
    func depart(_ participant: Participant, reason: LeaveReason) {
        guard participants.removeValue(forKey: participant.id) != nil else { return }
        let room = participant.room
        for track in participant.publicationOrder { unpublish(track, of: participant, tellOwner: false) }
        for (track, subscription) in participant.subscriptions {
            participants[subscription.publisher]?.publications[track]?.subscribers.remove(participant.id)
        }
        let wasActive = participant.stage == .active
        participant.stage = .disconnected
        participant.touch()
        var state = participant.state
        state.leaveReason = reason
        room.remove(participant)
        if participant.isKnown { room.departures.note(state, at: Clock.now()) }
        for transport in [participant.publisher, participant.subscriber] {
            byTransport[transport] = nil
            directory.remove(transport)
        }
        joinTimes[participant.id] = nil
        participant.events.yield(.left(reason))
        participant.events.detach()
        room.conceal(participant, as: state)
        if wasActive { publish(.participantLeft(room.state, state)) }
    }

    func apply(_ update: ParticipantUpdate, to participant: Participant) throws(RelayError) {
        var attributes = participant.attributes
        for (key, value) in update.attributes ?? [:] { attributes[key] = value.isEmpty ? nil : value }
        try check(metadata: update.metadata ?? "", attributes: attributes)
        if let name = update.name {
            guard name.utf8.count <= configuration.limits.name else {
                throw .limitReached("name of \(configuration.limits.name) bytes")
            }
            participant.name = name
        }
        if let metadata = update.metadata { participant.metadata = metadata }
        participant.attributes = attributes
        if let permission = update.permission { apply(permission, to: participant) }
        announce(participant)
    }

    /// New permissions take effect at once: what they no longer allow is ended.
    private func apply(_ permission: Permission, to participant: Participant) {
        let before = participant.permission
        participant.permission = permission
        for track in participant.publicationOrder {
            guard let publication = participant.publications[track] else { continue }
            if !permission.allowsPublishing(publication.state.source) {
                unpublish(track, of: participant, tellOwner: true)
            }
        }
        if before.canSubscribe, !permission.canSubscribe {
            for track in Array(participant.subscriptions.keys) { unsubscribe(participant, from: track) }
            negotiate(participant)
        } else if !before.canSubscribe, permission.canSubscribe {
            subscribeAutomatically(participant)
            negotiate(participant)
        }
        if permission.hidden, !before.hidden {
            var state = participant.state
            state.stage = .disconnected
            participant.room.conceal(participant, as: state)
        }
    }

    /// Tells everyone who may see it, the participant included, how the participant is now.
    func announce(_ participant: Participant) {
        participant.touch()
        participant.room.announce(participant)
    }

    func find(_ id: ParticipantID) throws(RelayError) -> Participant {
        guard let participant = participants[id] else { throw .participantNotFound }
        return participant
    }
}
