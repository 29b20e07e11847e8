import LiveKitProtocol
import Relay
import SwiftProtobuf

extension LiveKit_ReconnectResponse {
    /// - Parameters:
    ///   - lastSequence: of the client's reliable data messages; it sends again what came after.
    ///   - now: seconds since 1970.
    init(_ resumed: Resumed, _ settings: SignalSettings, lastSequence: UInt32, at now: Int64) {
        self.init()
        iceServers = settings.turn.servers(for: resumed.participant.id.rawValue, at: now).map(LiveKit_ICEServer.init)
        clientConfiguration = LiveKit_ClientConfiguration()
        if settings.forcesRelay(resumed.icePreference) { clientConfiguration.forceRelay = .enabled }
        serverInfo = LiveKit_ServerInfo(settings)
        lastMessageSeq = lastSequence
    }
}

extension ClientState {
    /// The session descriptions and channels in it are passed over: both connections lived on, and what is reliable in
    /// them did not get lost.
    init(_ state: LiveKit_SyncState) {
        self.init(
            exceptions: state.subscription.tracks, areExceptionsWanted: state.subscription.subscribe,
            disabled: state.trackSidsDisabled.map(TrackID.init),
            published: state.publishTracks.map { TrackID($0.track.sid) })
    }
}
