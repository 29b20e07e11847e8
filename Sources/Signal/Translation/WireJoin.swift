import LiveKitProtocol
import Relay
import SwiftProtobuf

extension LiveKit_JoinResponse {
    /// Two connections: the subscriber's first, the publisher's at once as well, so that publishing starts sooner.
    ///
    /// - Parameter now: seconds since 1970.
    init(_ joined: Joined, _ settings: SignalSettings, at now: Int64) {
        self.init()
        room = LiveKit_Room(joined.room)
        participant = LiveKit_ParticipantInfo(joined.participant)
        otherParticipants = joined.others.map(LiveKit_ParticipantInfo.init)
        serverVersion = settings.serverVersion
        serverRegion = settings.region
        serverInfo = LiveKit_ServerInfo(settings)
        iceServers = settings.turn.servers(for: joined.participant.id.rawValue, at: now).map(LiveKit_ICEServer.init)
        if settings.forcesRelay(joined.icePreference) { clientConfiguration.forceRelay = .enabled }
        subscriberPrimary = true
        fastPublish = joined.participant.permission.canPublish
        pingInterval = Int32(clamping: settings.pingInterval.components.seconds)
        pingTimeout = Int32(clamping: settings.pingTimeout.components.seconds)
        enabledPublishCodecs = settings.publishCodecs.map { mime in .with { $0.mime = mime } }
    }
}

extension LiveKit_ServerInfo {
    /// The version of the signalling protocol that is spoken.
    private static let spoken: Int32 = 17

    init(_ settings: SignalSettings) {
        self.init()
        edition = .standard
        version = settings.serverVersion
        `protocol` = Self.spoken
        region = settings.region
        nodeID = settings.nodeID
    }
}

extension LiveKit_ICEServer {
    init(_ server: TURNServers.Server) {
        self.init()
        urls = server.urls
        username = server.username
        credential = server.credential
    }
}
