import Media

/// Signalling connections end and come again; the participant stays meanwhile, and so does their media.
extension Relay {
    /// A signalling connection is over. Its participant stays for a while if their media is up, so that the client can
    /// come back; without media there is nothing to keep.
    ///
    /// - Parameters:
    ///   - link: of the connection; nothing happens when another one has taken over.
    ///   - window: nil when the participant is to go at once.
    package func signalEnded(_ id: ParticipantID, link: Int, reason: LeaveReason, window: ResumeWindow?) {
        guard let participant = participants[id], case .present(link) = participant.signalling else { return }
        guard let window, !isShuttingDown, !participant.connected.isEmpty else {
            return depart(participant, reason: reason)
        }
        let now = Clock.now()
        participant.signalling = .away(
            Signalling.Absence(link: link, since: now, lastHeard: now, window: window))
        participant.events.detach()
        watch(participant, true)
    }

    /// A client goes on with a new signalling connection; an older one, which may be half open, is closed.
    ///
    /// - Throws: `participantNotFound` when `id` is gone, or is not `identity` in that room.
    package func resume(_ id: ParticipantID, identity: String, room: String) throws(RelayError) -> Resumed {
        guard !isShuttingDown else { throw .shuttingDown }
        guard let participant = participants[id], participant.identity == identity, participant.room.name == room
        else { throw .participantNotFound }
        if case .away = participant.signalling { watch(participant, false) }
        participant.signalling = .present(link: participant.signalling.link + 1)
        let events = participant.events.attach()
        let cut = participant.simulations.takeCut(at: Clock.now())
        if cut != .beforeGreeting {
            tellEverything(participant)
            restartSubscriber(participant)
        }
        return Resumed(
            participant: participant.state, link: participant.signalling.link, events: events,
            isCutAfterGreeting: cut == .afterGreeting, isCutBeforeGreeting: cut == .beforeGreeting,
            icePreference: participant.icePreference)
    }

    /// What a client that has resumed believes to have: made true, or it is told otherwise.
    package func sync(_ id: ParticipantID, _ state: ClientState) throws(RelayError) {
        let participant = try find(id)
        let limit = 1024
        guard state.exceptions.count <= limit, state.disabled.count <= limit, state.published.count <= limit else {
            throw .limitReached("\(limit) tracks")
        }
        for track in state.published where participant.publications[track] == nil {
            participant.events.yield(.trackUnpublished(track))
        }
        if state.areExceptionsWanted {
            for track in state.exceptions {
                guard let publisher = publisher(of: track, in: participant.room),
                    participant.permission.canSubscribe
                else { continue }
                try? subscribe(participant, to: track, of: publisher)
            }
        } else {
            participant.declined = Set(state.exceptions)
            for track in state.exceptions { unsubscribe(participant, from: track) }
            subscribeAutomatically(participant)
        }
        var settings = TrackSettings()
        settings.isDisabled = true
        try setTrackSettings(id, tracks: state.disabled, settings)
        negotiate(participant)
    }

    /// Does to a participant what they asked for, to see that they cope.
    package func simulate(_ id: ParticipantID, _ simulation: Simulation) throws(RelayError) {
        let participant = try find(id)
        let now = Clock.now()
        switch simulation {
        case .signalLossOnResume(let beforeMessages):
            participant.simulations.cutResume(beforeMessages ? .beforeGreeting : .afterGreeting, at: now)
        case .speaking(let duration):
            participant.simulations.speaksUntil = now + min(max(duration, .zero), Simulations.longestSpeech)
            participant.room.tell(.speakers([Speaker(participant: id, level: 0.9, isActive: true)]))
        case .bandwidth(let limit):
            let range = Simulations.bandwidths
            let rate = limit.map { min(max($0, range.lowerBound), range.upperBound) }
            directory.post(.limitBandwidth(rate), to: participant.subscriber)
        case .candidates(let preference):
            participant.room.icePreferences.note(preference, of: participant.identity, at: now)
            participant.icePreference = preference
            participant.publisherNegotiation.endpoint = endpoint.offering(preference)
            participant.subscriberNegotiation.endpoint = endpoint.offering(preference)
            // Clients stay on a path that works, which TCP is to take the place of.
            restartSubscriber(participant, keepsFormer: preference != .tcp)
        }
    }

    // MARK: -

    /// A media connection of somebody whose signalling is away shows life.
    func heard(_ participant: Participant, at time: Instant) {
        guard case .away(var absence) = participant.signalling else { return }
        absence.lastHeard = max(absence.lastHeard, time)
        participant.signalling = .away(absence)
    }

    /// Ends what has lasted long enough.
    func look(after participant: Participant, at now: Instant) {
        if let end = participant.simulations.speaksUntil, now >= end {
            participant.simulations.speaksUntil = nil
            participant.room.tell(.speakers([Speaker(participant: participant.id, level: 0, isActive: false)]))
        }
        if case .away(let absence) = participant.signalling, absence.isOver(at: now) {
            depart(participant, reason: .signalClosed)
        }
    }

    private func watch(_ participant: Participant, _ isWatched: Bool) {
        for transport in participant.connected { directory.post(.watch(isWatched), to: transport) }
    }

    /// How things are, for a client that missed nobody knows what.
    private func tellEverything(_ participant: Participant) {
        let room = participant.room
        let events = participant.events
        let gone = room.departures.states(at: Clock.now()) { room.participant(identity: $0) != nil }
        if !gone.isEmpty { events.yield(.participants(gone)) }
        for publication in participant.publicationOrder.compactMap({ participant.publications[$0] }) {
            if publication.media == nil {
                events.yield(.trackPublished(clientID: publication.clientID, publication.state))
            }
            if publication.isMutedByServer { events.yield(.trackMuted(publication.state.id, true)) }
        }
        var present = room.known.map(\.state)
        if !participant.isKnown { present.append(participant.state) }
        events.yield(.participants(present))
        events.yield(.room(room.state))
        for publisher in room.participants where publisher !== participant && !publisher.subscriptionRule.everyone {
            for track in publisher.publicationOrder {
                events.yield(
                    .subscriptionPermission(
                        publisher: publisher.id, track, allowed: publisher.allows(participant, track)))
            }
        }
        events.yield(.speakers(room.speakers.speaking))
        events.repeatLasting()
    }

    /// The client may have another address than before, and its network may have forgotten the old one: a new offer with
    /// new credentials makes it look for a way again. Media goes on over the old one until then.
    private func restartSubscriber(_ participant: Participant, keepsFormer: Bool = true) {
        let credentials = ICECredentials.random()
        directory.restart(participant.subscriber, with: credentials, keepsFormer: keepsFormer)
        participant.subscriberNegotiation.restart(with: credentials)
        negotiate(participant)
    }
}
