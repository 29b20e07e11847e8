import LiveKitProtocol
import Relay
import SwiftProtobuf

/// What a client's request comes to; the session does it.
enum SignalStep {
    /// Nothing is to be done: it does not concern this server.
    case nothing
    case reply(LiveKit_SignalResponse.OneOf_Message)
    /// The relay is asked. A refusal names the request by `id` and `request`.
    case relay(RelayCommand, id: UInt32 = 0, request: LiveKit_RequestResponse.OneOf_Request? = nil)
    case end(SignalEnding)
    /// A member of a later protocol, or none.
    case unknown

    /// - Parameters:
    ///   - now: milliseconds since 1970.
    ///   - simulatesFaults: whether the client may ask for them.
    init(_ request: LiveKit_SignalRequest, now: Int64, simulatesFaults: Bool) {
        switch request.message {
        case .offer(let description):
            guard description.type == "offer" else {
                self = .refuse(.badDescription("an offer was expected"))
                return
            }
            self = .relay(.publisherOffer(sdp: description.sdp, id: description.id))
        case .answer(let description):
            guard description.type == "answer" else {
                self = .refuse(.badDescription("an answer was expected"))
                return
            }
            self = .relay(.subscriberAnswer(sdp: description.sdp, id: description.id))
        case .addTrack(let track):
            self.init(track)
        case .mute(let mute):
            self = .relay(.setMuted(TrackID(mute.sid), mute.muted), request: .mute(mute))
        case .subscription(let subscription):
            let tracks = subscription.tracks
            self = tracks.isEmpty ? .nothing : .relay(.setSubscribed(tracks, subscription.subscribe))
        case .trackSetting(let settings):
            let tracks = settings.tracks
            self = tracks.isEmpty ? .nothing : .relay(.setTrackSettings(tracks, TrackSettings(settings)))
        case .subscriptionPermission(let rule):
            self = .relay(.setSubscriptionRule(SubscriptionRule(rule)))
        case .updateMetadata(let update):
            self = .relay(
                .updateOwn(ParticipantUpdate(update)), id: update.requestID, request: .updateMetadata(update))
        case .ping:
            self = .reply(.pong(now))
        case .pingReq(let ping):
            self = .reply(
                .pongResp(
                    .with {
                        $0.lastPingTimestamp = ping.timestamp
                        $0.timestamp = now
                    }))
        case .leave:
            self = .end(.clientLeft)
        case .simulate(let simulation):
            guard simulatesFaults else {
                self = .refuse(.notPermitted("simulate faults"))
                return
            }
            self.init(simulation)
        case .syncState(let state):
            self = .relay(.sync(ClientState(state)))
        case .publishDataTrackRequest(let track):
            self = .reply(
                .requestResponse(
                    LiveKit_RequestResponse(
                        .unsupportedType, "data tracks are not supported", to: .publishDataTrack(track))))
        case .trickle, .updateLayers, .updateAudioTrack, .updateVideoTrack:
            // ICE-lite learns addresses from connectivity checks; what a track looks like is read from its media.
            self = .nothing
        case nil:
            self = .unknown
        }
    }

    private init(_ request: LiveKit_AddTrackRequest) {
        guard request.sid.isEmpty, let track = TrackRequest(request) else {
            let message = request.sid.isEmpty ? "only audio and video" : "a track has one codec"
            self = .reply(
                .requestResponse(LiveKit_RequestResponse(.unsupportedType, message, to: .addTrack(request))))
            return
        }
        self = .relay(.addTrack(track), request: .addTrack(request))
    }

    /// What LiveKit's SDKs can ask for. There is one node: who migrates finds their session again where it was.
    private init(_ simulation: LiveKit_SimulateScenario) {
        switch simulation.scenario {
        case .serverLeave(true):
            self = .end(.simulated(LiveKit_LeaveRequest(.serverShutdown, .disconnect), mayResume: false))
        case .leaveRequestFullReconnect(true):
            self = .end(.simulated(LiveKit_LeaveRequest(.serverShutdown, .reconnect), mayResume: false))
        case .migration(true): self = .end(.simulated(nil, mayResume: true))
        case .nodeFailure(true): self = .end(.simulated(nil, mayResume: false))
        case .disconnectSignalOnResume(true):
            self = .relay(.simulate(.signalLossOnResume(beforeMessages: false)))
        case .disconnectSignalOnResumeNoMessages(true):
            self = .relay(.simulate(.signalLossOnResume(beforeMessages: true)))
        case .speakerUpdate(let seconds): self = .relay(.simulate(.speaking(.seconds(Int(seconds)))))
        case .switchCandidateProtocol(let transport):
            self = .relay(.simulate(.candidates(ICEPreference(transport))))
        case .subscriberBandwidth(let rate):
            self = .relay(.simulate(.bandwidth(rate > 0 ? Int(clamping: rate) : nil)))
        case .serverLeave, .leaveRequestFullReconnect, .migration, .nodeFailure, .disconnectSignalOnResume,
            .disconnectSignalOnResumeNoMessages, nil:
            self = .nothing
        }
    }

    private static func refuse(_ error: RelayError) -> SignalStep {
        .reply(.requestResponse(LiveKit_RequestResponse(error)))
    }
}
