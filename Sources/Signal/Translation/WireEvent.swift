import LiveKitProtocol
import Relay
import SwiftProtobuf

extension LiveKit_SignalResponse {
    /// The message that tells a client of an event.
    ///
    /// - Parameter codec: what a track of the client's own is encoded with, as `SubscribedCodec` names it.
    init(_ event: ParticipantEvent, codec: (TrackID) -> String) {
        self.init()
        message =
            switch event {
            case .participants(let participants):
                .update(.with { $0.participants = participants.map(LiveKit_ParticipantInfo.init) })
            case .room(let room):
                .roomUpdate(.with { $0.room = LiveKit_Room(room) })
            case .subscriberOffer(let sdp, let id):
                .offer(LiveKit_SessionDescription(type: "offer", sdp: sdp, id: id))
            case .trackPublished(let clientID, let track):
                .trackPublished(
                    .with {
                        $0.cid = clientID
                        $0.track = LiveKit_TrackInfo(track)
                    })
            case .trackUnpublished(let track):
                .trackUnpublished(.with { $0.trackSid = track.rawValue })
            case .trackSubscribed(let track):
                .trackSubscribed(.with { $0.trackSid = track.rawValue })
            case .trackMuted(let track, let isMuted):
                .mute(
                    .with {
                        $0.sid = track.rawValue
                        $0.muted = isMuted
                    })
            case .subscribedQuality(let track, let qualities):
                .subscribedQualityUpdate(
                    LiveKit_SubscribedQualityUpdate(track, qualities, codec: codec(track)))
            case .subscriptionPermission(let publisher, let track, let isAllowed):
                .subscriptionPermissionUpdate(
                    .with {
                        $0.participantSid = publisher.rawValue
                        $0.trackSid = track.rawValue
                        $0.allowed = isAllowed
                    })
            case .subscriptionFailed(let track):
                .subscriptionResponse(
                    .with {
                        $0.trackSid = track.rawValue
                        $0.err = .seUnknown
                    })
            case .speakers(let speakers):
                .speakersChanged(.with { $0.speakers = speakers.map(LiveKit_SpeakerInfo.init) })
            case .connectionQuality(let qualities):
                .connectionQuality(.with { $0.updates = qualities.map(LiveKit_ConnectionQualityInfo.init) })
            case .streamState(let states):
                .streamStateUpdate(.with { $0.streamStates = states.map(LiveKit_StreamStateInfo.init) })
            case .left(let reason):
                .leave(LiveKit_LeaveRequest(reason))
            case .superseded:
                nil
            }
    }
}

extension LiveKit_SessionDescription {
    init(type: String, sdp: String, id: UInt32) {
        self.init()
        self.type = type
        self.sdp = sdp
        self.id = id
    }
}

extension LiveKit_SubscribedQualityUpdate {
    /// Newer SDKs read the qualities of each codec, older ones those of the track.
    init(_ track: TrackID, _ qualities: [VideoQuality: Bool], codec: String) {
        self.init()
        trackSid = track.rawValue
        subscribedQualities = qualities.sorted { $0.key < $1.key }.map { quality, isWatched in
            .with {
                $0.quality = LiveKit_VideoQuality(quality)
                $0.enabled = isWatched
            }
        }
        subscribedCodecs = [
            .with {
                $0.codec = codec
                $0.qualities = subscribedQualities
            }
        ]
    }
}

extension LiveKit_SpeakerInfo {
    init(_ speaker: Speaker) {
        self.init()
        sid = speaker.participant.rawValue
        level = speaker.level
        active = speaker.isActive
    }
}

extension LiveKit_ConnectionQualityInfo {
    init(_ quality: ConnectionQuality) {
        self.init()
        participantSid = quality.participant.rawValue
        self.quality =
            switch quality.grade {
            case .poor: .poor
            case .good: .good
            case .excellent: .excellent
            case .lost: .lost
            }
        score = quality.score
    }
}

extension LiveKit_StreamStateInfo {
    init(_ state: StreamState) {
        self.init()
        participantSid = state.participant.rawValue
        trackSid = state.track.rawValue
        self.state = state.isPaused ? .paused : .active
    }
}
