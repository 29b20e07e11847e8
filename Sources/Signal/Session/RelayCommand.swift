import Relay

/// What a signalling session asks of the relay, for its own participant.
enum RelayCommand: Sendable {
    case publisherOffer(sdp: String, id: UInt32)
    case subscriberAnswer(sdp: String, id: UInt32)
    case addTrack(TrackRequest)
    case setMuted(TrackID, Bool)
    case setSubscribed([TrackID], Bool)
    case setTrackSettings([TrackID], TrackSettings)
    case setSubscriptionRule(SubscriptionRule)
    case updateOwn(ParticipantUpdate)
    case sync(ClientState)
    case simulate(Simulation)
}

extension Relay {
    /// Returns the answer to a publisher offer, and nothing for the rest.
    nonisolated func perform(
        _ command: RelayCommand, for participant: ParticipantID
    ) async throws(RelayError) -> String? {
        switch command {
        case .publisherOffer(let sdp, _):
            return try await publisherOffer(participant, sdp: sdp)
        case .subscriberAnswer(let sdp, let id):
            try await subscriberAnswer(participant, sdp: sdp, id: id)
        case .addTrack(let request):
            try await addTrack(participant, request)
        case .setMuted(let track, let isMuted):
            try await setMuted(participant, track: track, muted: isMuted)
        case .setSubscribed(let tracks, let isSubscribed):
            try await setSubscribed(participant, tracks: tracks, subscribed: isSubscribed)
        case .setTrackSettings(let tracks, let settings):
            try await setTrackSettings(participant, tracks: tracks, settings)
        case .setSubscriptionRule(let rule):
            try await setSubscriptionRule(participant, rule)
        case .updateOwn(let update):
            try await updateOwn(participant, update)
        case .sync(let state):
            try await sync(participant, state)
        case .simulate(let simulation):
            try await simulate(participant, simulation)
        }
        return nil
    }
}
