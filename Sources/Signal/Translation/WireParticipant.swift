package import LiveKitProtocol
package import Relay

extension LiveKit_ParticipantInfo {
    package init(_ participant: ParticipantState) {
        self.init()
        sid = participant.id.rawValue
        identity = participant.identity
        name = participant.name
        metadata = participant.metadata
        attributes = participant.attributes
        state = State(participant.stage)
        joinedAt = participant.joinedAt / 1000
        joinedAtMs = participant.joinedAt
        permission = LiveKit_ParticipantPermission(participant.permission)
        tracks = participant.tracks.map(LiveKit_TrackInfo.init)
        isPublisher = participant.isPublisher
        version = participant.version
        if let reason = participant.leaveReason { disconnectReason = LiveKit_DisconnectReason(reason) }
    }
}

extension LiveKit_ParticipantInfo.State {
    init(_ stage: ParticipantState.Stage) {
        self =
            switch stage {
            case .joined: .joined
            case .active: .active
            case .disconnected: .disconnected
            }
    }
}

extension ParticipantUpdate {
    /// On the wire, what is empty stays as it is.
    package init(_ update: LiveKit_UpdateParticipantMetadata) {
        self.init(name: update.name, metadata: update.metadata, attributes: update.attributes, permission: nil)
    }

    /// On the wire, what is empty or absent stays as it is.
    package init(_ update: LiveKit_UpdateParticipantRequest) {
        self.init(
            name: update.name, metadata: update.metadata, attributes: update.attributes,
            permission: update.hasPermission ? Permission(update.permission) : nil)
    }

    private init(name: String, metadata: String, attributes: [String: String], permission: Permission?) {
        self.init()
        if !name.isEmpty { self.name = name }
        if !metadata.isEmpty { self.metadata = metadata }
        if !attributes.isEmpty { self.attributes = attributes }
        self.permission = permission
    }
}
