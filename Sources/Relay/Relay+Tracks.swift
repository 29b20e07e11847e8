import Media

/// Announcing, publishing, muting and taking back tracks.
extension Relay {
    /// Takes note of a track whose media comes with the next publisher offer. The answer is the event `.trackPublished`.
    package func addTrack(_ id: ParticipantID, _ request: TrackRequest) throws(RelayError) {
        let participant = try find(id)
        guard participant.permission.allowsPublishing(request.source) else {
            throw .notPermitted("publish \(request.source)")
        }
        if let known = participant.publications.values.first(where: { $0.clientID == request.clientID }) {
            participant.events.yield(.trackPublished(clientID: request.clientID, known.state))
            return
        }
        let limits = configuration.limits
        guard participant.publications.count < limits.tracks else { throw .limitReached("\(limits.tracks) tracks") }
        guard request.layers.count <= LayerSelector.maximumLayers else {
            throw .limitReached("\(LayerSelector.maximumLayers) layers")
        }
        for text in [request.clientID, request.name, request.stream] + request.layers.map(\.rid)
        where text.utf8.count > limits.name {
            throw .limitReached("names of \(limits.name) bytes")
        }
        let publication = Publication(request, id: .random())
        participant.publications[publication.state.id] = publication
        participant.publicationOrder.append(publication.state.id)
        participant.events.yield(.trackPublished(clientID: request.clientID, publication.state))
    }

    /// Answers a publisher's offer.
    package func publisherOffer(_ id: ParticipantID, sdp: String) throws(RelayError) -> String {
        let participant = try find(id)
        let outcome = try participant.publisherNegotiation.answer(sdp, announced: participant.announced)
        directory.post(.setRemote(outcome.fingerprint), to: participant.publisher)
        if let credentials = outcome.restarted { directory.restart(participant.publisher, with: credentials) }
        for track in outcome.stopped { unpublish(track, of: participant, tellOwner: false) }
        for media in outcome.started { start(media, of: participant) }
        if !outcome.started.isEmpty || !outcome.stopped.isEmpty { announce(participant) }
        for media in outcome.started {
            for viewer in participant.room.participants where viewer !== participant {
                autoSubscribe(viewer, to: media.track, of: participant)
                negotiate(viewer)
            }
        }
        return outcome.answer
    }

    /// The participant muted or unmuted their own track.
    package func setMuted(_ id: ParticipantID, track: TrackID, muted: Bool) throws(RelayError) {
        let participant = try find(id)
        guard let publication = participant.publications[track] else { throw .trackNotFound }
        publication.isMutedByServer = false
        setMuted(publication, of: participant, muted)
    }

    // MARK: -

    func setMuted(_ publication: Publication, of participant: Participant, _ muted: Bool) {
        guard publication.state.isMuted != muted else { return }
        publication.state.isMuted = muted
        if publication.media != nil {
            directory.post(.setMuted(publication.state.id, muted), to: participant.publisher)
        }
        if muted { silence(publication.state.id, of: participant) }
        announce(participant)
    }

    private func start(_ media: PublisherNegotiation.Started, of participant: Participant) {
        guard let publication = participant.publications[media.track] else { return }
        let feed = TrackFeed(
            track: media.track, publisher: participant.publisher, codec: media.trackCodec,
            clockRate: Int(media.codec.clockRate), layerCount: media.rids.count)
        publication.feed = feed
        if media.rids.count > 1 { publication.demand = LayerDemand(layerCount: media.rids.count) }
        publication.media = media
        publication.state.mid = media.mid
        publication.state.mimeType = CodecSupport.mimeType(media.codec, kind: publication.state.kind)
        publication.state.isSimulcast = media.rids.count > 1
        if publication.state.layers.count == media.rids.count {
            for (layer, rid) in media.rids.enumerated() { publication.state.layers[layer].rid = rid }
        }
        directory.post(
            .publish(
                IncomingTrack(
                    feed: feed, mid: media.mid, payloadType: media.codec.payloadType,
                    rtxPayloadType: media.rtxPayloadType, redundancy: media.redundancy, rids: media.rids,
                    ssrcs: media.ssrcs, sendsNack: media.codec.feedback.contains(.nack),
                    sendsREMB: CodecSupport.feedback(media.codec).contains(.remb), extensions: media.extensions)),
            to: participant.publisher)
        if publication.state.isMuted { directory.post(.setMuted(media.track, true), to: participant.publisher) }
        publish(.trackPublished(participant.room.state, participant.state, publication.state))
    }

    /// Ends a track: viewers lose it, its media is no longer taken.
    func unpublish(_ track: TrackID, of participant: Participant, tellOwner: Bool) {
        guard let publication = participant.publications.removeValue(forKey: track) else { return }
        participant.publicationOrder.removeAll { $0 == track }
        participant.events.forget(track)
        participant.publisherNegotiation.forget(track)
        silence(track, of: participant)
        if tellOwner { participant.events.yield(.trackUnpublished(track)) }
        guard publication.media != nil else { return }
        directory.post(.unpublish(track), to: participant.publisher)
        for id in publication.subscribers {
            guard let viewer = participants[id] else { continue }
            unsubscribe(viewer, from: track)
            negotiate(viewer)
        }
        publish(.trackUnpublished(participant.room.state, participant.state, publication.state))
    }

    private func silence(_ track: TrackID, of participant: Participant) {
        if let speaker = participant.room.speakers.silence(participant.id, track) {
            participant.room.tell(.speakers([speaker]))
        }
    }
}
