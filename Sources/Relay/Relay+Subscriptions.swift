import Media

/// Who gets which track, and how.
extension Relay {
    /// Asks for tracks, or no longer wants them.
    package func setSubscribed(_ id: ParticipantID, tracks: [TrackID], subscribed: Bool) throws(RelayError) {
        let viewer = try find(id)
        // Also after a track that is not there: those before it are to be negotiated.
        defer { negotiate(viewer) }
        for track in tracks {
            guard subscribed else {
                viewer.declined.insert(track)
                unsubscribe(viewer, from: track)
                continue
            }
            viewer.declined.remove(track)
            guard let publisher = publisher(of: track, in: viewer.room) else { throw .trackNotFound }
            guard viewer.permission.canSubscribe else { throw .notPermitted("subscribe") }
            try subscribe(viewer, to: track, of: publisher)
        }
        if viewer.declined.count > 1024 { viewer.declined.removeAll() }
    }

    /// How large and how good the viewer wants tracks.
    package func setTrackSettings(
        _ id: ParticipantID, tracks: [TrackID], _ settings: TrackSettings
    ) throws(RelayError) {
        let viewer = try find(id)
        for track in tracks {
            guard viewer.subscriptions[track] != nil else { continue }
            viewer.subscriptions[track]!.settings = settings
            if let publisher = participants[viewer.subscriptions[track]!.publisher] {
                raiseDemand(for: track, of: publisher, to: settings.wanted)
            }
            if viewer.subscriptions[track]!.isActive {
                directory.post(.setWanted(track, settings.wanted), to: viewer.subscriber)
            }
        }
    }

    /// Who may have the participant's tracks, from now on.
    package func setSubscriptionRule(_ id: ParticipantID, _ rule: SubscriptionRule) throws(RelayError) {
        let publisher = try find(id)
        guard rule.grants.count <= 1024 else { throw .limitReached("1024 subscription grants") }
        let former = publisher.subscriptionRule
        publisher.subscriptionRule = rule
        for viewer in publisher.room.participants where viewer !== publisher {
            for track in publisher.publicationOrder {
                switch (former.allows(viewer.id, viewer.identity, track), publisher.allows(viewer, track)) {
                case (true, false):
                    unsubscribe(viewer, from: track)
                    viewer.events.yield(.subscriptionPermission(publisher: publisher.id, track, allowed: false))
                case (false, true):
                    viewer.events.yield(.subscriptionPermission(publisher: publisher.id, track, allowed: true))
                    autoSubscribe(viewer, to: track, of: publisher)
                default: continue
                }
            }
            negotiate(viewer)
        }
    }

    /// The viewer's answer to our offer.
    package func subscriberAnswer(_ id: ParticipantID, sdp: String, id offer: UInt32) throws(RelayError) {
        let viewer = try find(id)
        let outcome = try viewer.subscriberNegotiation.receive(answer: sdp, id: offer)
        directory.post(.setRemote(outcome.fingerprint), to: viewer.subscriber)
        for track in outcome.refused {
            drop(viewer, track)
            viewer.events.yield(.subscriptionFailed(track))
        }
        for started in outcome.started { start(started, for: viewer) }
        negotiate(viewer)
    }

    // MARK: -

    /// Subscribes a viewer who takes everything and has not said otherwise.
    func autoSubscribe(_ viewer: Participant, to track: TrackID, of publisher: Participant) {
        guard viewer.autoSubscribe, viewer.permission.canSubscribe, !viewer.declined.contains(track) else { return }
        try? subscribe(viewer, to: track, of: publisher)
    }

    /// To everything that is published in the room.
    func subscribeAutomatically(_ viewer: Participant) {
        for publisher in viewer.room.participants where publisher !== viewer {
            for track in publisher.publicationOrder { autoSubscribe(viewer, to: track, of: publisher) }
        }
    }

    func subscribe(_ viewer: Participant, to track: TrackID, of publisher: Participant) throws(RelayError) {
        guard let publication = publisher.publications[track], let media = publication.media else {
            throw .trackNotFound
        }
        guard viewer !== publisher, viewer.subscriptions[track] == nil else { return }
        guard publisher.allows(viewer, track) else {
            viewer.events.yield(.subscriptionPermission(publisher: publisher.id, track, allowed: false))
            return
        }
        let limit = configuration.limits.subscriptions
        guard viewer.subscriptions.count < limit else { throw .limitReached("\(limit) subscriptions") }
        viewer.subscriptions[track] = Participant.Subscription(publisher: publisher.id)
        publication.subscribers.insert(viewer.id)
        viewer.subscriberNegotiation.add(
            SubscriberNegotiation.Wanted(
                track: track, publisher: publisher.id,
                stream: viewer.streamsByTrack ? track.rawValue : publication.streamName, kind: publication.state.kind,
                codec: media.codec, isRedundant: media.redundancy != nil))
    }

    func unsubscribe(_ viewer: Participant, from track: TrackID) {
        guard viewer.subscriptions[track] != nil else { return }
        drop(viewer, track)
        viewer.subscriberNegotiation.remove(track)
    }

    /// Forgets a subscription without touching the negotiation.
    private func drop(_ viewer: Participant, _ track: TrackID) {
        guard let subscription = viewer.subscriptions.removeValue(forKey: track) else { return }
        viewer.events.forget(track)
        participants[subscription.publisher]?.publications[track]?.subscribers.remove(viewer.id)
        if subscription.isActive { directory.post(.unsubscribe(track), to: viewer.subscriber) }
    }

    /// Sends the viewer an offer when there is something to negotiate and none is outstanding.
    func negotiate(_ viewer: Participant) {
        guard let (sdp, id) = viewer.subscriberNegotiation.offer() else { return }
        viewer.events.yield(.subscriberOffer(sdp: sdp, id: id))
    }

    private func start(_ started: SubscriberNegotiation.Started, for viewer: Participant) {
        guard let subscription = viewer.subscriptions[started.track],
            let publisher = participants[subscription.publisher],
            let publication = publisher.publications[started.track], let feed = publication.feed
        else { return }
        viewer.subscriptions[started.track]!.isActive = true
        let configuration = Subscription.Configuration(
            ssrc: started.ssrc, payloadType: started.payloadType, redundantPayloadType: started.redundantPayloadType,
            rtx: started.rtx, codec: feed.codec, clockRate: feed.clockRate, layerCount: feed.rings.count,
            hasTransportWideFeedback: started.hasTransportWideFeedback, hasPlayoutDelay: started.hasPlayoutDelay)
        directory.post(
            .subscribe(
                OutgoingTrack(
                    feed: feed, cname: publisher.id.rawValue, configuration: configuration,
                    wanted: subscription.settings.wanted, sizes: publication.layerSizes,
                    isScreenShare: publication.state.source == .screenShare)),
            to: viewer.subscriber)
        publisher.events.yield(.trackSubscribed(started.track))
        raiseDemand(for: started.track, of: publisher, to: subscription.settings.wanted)
    }

    func publisher(of track: TrackID, in room: Room) -> Participant? {
        room.participants.first { $0.publications[track]?.media != nil }
    }
}

extension TrackSettings {
    var wanted: LayerSelector.Wanted {
        if isDisabled { return .nothing }
        return width > 0 && height > 0 ? .size(width: width, height: height) : .layer(quality.rawValue)
    }
}
