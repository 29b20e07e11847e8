import Media

/// What the workers report, and what is asked of them.
extension Relay {
    func handle(_ event: WorkerEvent) {
        switch event {
        case .connected(let transport):
            if let participant = byTransport[transport] { connected(participant, over: transport) }
        case .alive(let transport, let time):
            if let participant = byTransport[transport] { heard(participant, at: time) }
        case .ended(let transport, let reason):
            guard let participant = byTransport[transport] else { return }
            ended(transport, of: participant, reason)
        case .data(let transport, let kind, let payload):
            // Those who may not send data are told so by whoever judges the message.
            guard let participant = byTransport[transport] else { return }
            dataInbox.yield(
                DataMessage(room: participant.room.name, sender: participant.state, kind: kind, payload: payload))
        case .audioLevel(let transport, let track, let level, let isActive):
            if let participant = byTransport[transport] { speak(participant, track, level, isActive) }
        case .streamState(let transport, let track, let isPaused):
            guard let viewer = byTransport[transport], let subscription = viewer.subscriptions[track] else { return }
            viewer.events.yield(
                .streamState([StreamState(participant: subscription.publisher, track: track, isPaused: isPaused)]))
        case .quality(let transport, let loss):
            byTransport[transport]?.connectionQuality.receive(loss: loss)
        case .constrained(let transport, let constraint):
            byTransport[transport]?.connectionQuality.receive(constraint)
        case .mediaStarted(let transport, let track):
            publishFlow(of: track, from: transport) { .mediaStarted($0, $1, $2) }
        case .mediaStopped(let transport, let track):
            publishFlow(of: track, from: transport) { .mediaStopped($0, $1, $2) }
        case .tick(let now):
            tick(now)
        }
    }

    private func connected(_ participant: Participant, over transport: TransportID) {
        participant.connected.insert(transport)
        if case .away = participant.signalling { directory.post(.watch(true), to: transport) }
        guard participant.stage == .joined else { return }
        participant.stage = .active
        if let start = joinTimes.removeValue(forKey: participant.id) {
            joinSeconds.record((Clock.now() - start).inSeconds)
        }
        announce(participant)
        publish(.participantJoined(participant.room.state, participant.state))
    }

    /// A connection that broke takes its participant along: the client comes back with a full reconnect. One that the
    /// client closed is the client's own doing, and its signalling says what it means by that; without signalling it
    /// means that they leave.
    private func ended(_ transport: TransportID, of participant: Participant, _ reason: Transport.EndReason) {
        switch reason {
        case .consentLost, .handshakeFailed:
            depart(participant, reason: .connectionTimeout)
        case .closedByPeer:
            participant.connected.remove(transport)
            if case .away = participant.signalling { return depart(participant, reason: .signalClosed) }
            guard transport == participant.publisher, !participant.publicationOrder.isEmpty else { return }
            for track in participant.publicationOrder { unpublish(track, of: participant, tellOwner: false) }
            announce(participant)
        }
    }

    /// A track that was unpublished meanwhile is spoken of no more.
    private func publishFlow(
        of track: TrackID, from transport: TransportID,
        _ event: (RoomState, ParticipantState, TrackState) -> RelayEvent
    ) {
        guard let participant = byTransport[transport], let publication = participant.publications[track] else {
            return
        }
        publish(event(participant.room.state, participant.state, publication.state))
    }

    private func speak(_ participant: Participant, _ track: TrackID, _ level: Float, _ isActive: Bool) {
        guard
            participant.publications[track]?.state.isMuted == false,
            let speaker = participant.room.speakers.update(participant.id, track, level: level, isActive: isActive)
        else { return }
        participant.room.tell(.speakers([speaker]))
    }

    /// Seconds between two looks at connection qualities.
    private static let qualityInterval = 5

    private func tick(_ now: Instant) {
        ticks += 1
        reviewDemand(now)
        for participant in participants.values.filter(\.events.hasOverflowed) {
            depart(participant, reason: .signalClosed)
        }
        for participant in Array(participants.values) { look(after: participant, at: now) }
        for room in Array(rooms.values) {
            guard room.participants.isEmpty else {
                room.tellCount(tick: ticks)
                continue
            }
            guard let since = room.emptySince else {
                room.emptySince = now
                continue
            }
            if now - since >= room.timeout { close(room) }
        }
        if ticks % Self.qualityInterval == 0 { gradeConnections() }
    }

    /// Tells everyone their own quality, and that of publishers to those in their room.
    private func gradeConnections() {
        for participant in participants.values where participant.stage == .active {
            guard let (grade, score) = participant.connectionQuality.poll() else { continue }
            let quality = ConnectionQuality(participant: participant.id, grade: grade, score: score)
            if participant.publications.isEmpty || participant.permission.hidden {
                participant.events.yield(.connectionQuality([quality]))
            } else {
                participant.room.tell(.connectionQuality([quality]))
            }
        }
    }

    /// Everything that is counted, added up over the workers.
    package func metrics() async -> RelayMetrics {
        // Asked for before anything else can happen here: workers that were told to stop answer no more.
        let request = isShuttingDown ? nil : pool.requestCounters()
        var counters = WorkerCounters()
        if let request { for await more in request { counters = counters + more } }
        return RelayMetrics(
            rooms: rooms.count, participants: participants.count,
            publications: participants.values.reduce(0) { sum, participant in
                sum + participant.publications.values.count { $0.media != nil }
            },
            subscriptions: participants.values.reduce(0) { sum, participant in
                sum + participant.subscriptions.values.count { $0.isActive }
            },
            tcpConnections: counters.tcpConnections,
            packetsIn: counters.packetsIn, packetsOut: counters.packetsOut, bytesIn: counters.bytesIn,
            bytesOut: counters.bytesOut, nacksReceived: counters.nacksReceived, nacksSent: counters.nacksSent,
            plisReceived: counters.pictureLossReceived, plisSent: counters.keyframeRequestsSent,
            retransmissions: counters.retransmissions, cachedStarts: counters.cachedStarts,
            replayedPackets: counters.replayedPackets, skippedPackets: counters.skippedPackets,
            probes: counters.probes, pausedTracks: counters.pausedTracks,
            constrainedViewers: counters.constrainedViewers, knownLines: counters.knownLines,
            knownBandwidth: counters.knownBandwidth,
            drops: DropReason.allCases.map { ($0.label, counters[$0]) },
            joinSeconds: joinSeconds, forwardingSeconds: counters.forwarding.histogram)
    }
}
