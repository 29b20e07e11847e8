import LiveKitProtocol
import Relay

extension TrackRequest {
    /// `nil`: neither audio nor video.
    init?(_ request: LiveKit_AddTrackRequest) {
        guard let kind = TrackKind(request.type) else { return nil }
        // Clients that name codecs put that codec's layers there.
        let layers = request.layers.isEmpty ? request.simulcastCodecs.first?.layers ?? [] : request.layers
        self.init(
            clientID: request.cid,
            kind: kind,
            source: TrackSource(request.source) ?? .unknown,
            name: request.name,
            isMuted: request.muted,
            width: Int(request.width),
            height: Int(request.height),
            layers: layers.map(TrackState.Layer.init).sorted { $0.quality < $1.quality },
            stream: request.stream,
            isStereo: request.stereo || request.audioFeatures.contains(.tfStereo),
            disablesDTX: request.disableDtx || request.audioFeatures.contains(.tfNoDtx),
            disablesRED: request.disableRed,
            encryption: request.encryption.rawValue)
    }
}

extension LiveKit_UpdateSubscription {
    /// Every track it names, once each.
    var tracks: [TrackID] {
        distinct(trackSids + participantTracks.flatMap(\.trackSids))
    }
}

extension LiveKit_UpdateTrackSettings {
    /// Every track it names, once each.
    var tracks: [TrackID] { distinct(trackSids) }
}

extension LiveKit_UpdateSubscriptionsRequest {
    /// Every track it names, once each.
    var tracks: [TrackID] {
        distinct(trackSids + participantTracks.flatMap(\.trackSids))
    }
}

extension TrackSettings {
    /// The quality `OFF` is a track that is disabled.
    init(_ settings: LiveKit_UpdateTrackSettings) {
        let quality = VideoQuality(settings.quality)
        self.init(
            isDisabled: settings.disabled || settings.quality == .off,
            quality: quality ?? .high,
            width: Int(settings.width),
            height: Int(settings.height))
    }
}

extension SubscriptionRule {
    init(_ rule: LiveKit_SubscriptionPermission) {
        self.init(
            everyone: rule.allParticipants,
            grants: rule.trackPermissions.map { grant in
                Grant(
                    participantID: grant.participantSid.isEmpty ? nil : ParticipantID(grant.participantSid),
                    identity: grant.participantIdentity,
                    allTracks: grant.allTracks,
                    tracks: Set(grant.trackSids.map(TrackID.init)))
            })
    }
}

private func distinct(_ sids: [String]) -> [TrackID] {
    var seen: Set<String> = []
    return sids.filter { seen.insert($0).inserted }.map(TrackID.init)
}
