package import LiveKitProtocol
package import Relay

extension LiveKit_ParticipantPermission {
    package init(_ permission: Permission) {
        self.init()
        canSubscribe = permission.canSubscribe
        canPublish = permission.canPublish
        canPublishData = permission.canPublishData
        canPublishSources = permission.publishSources.map(LiveKit_TrackSource.init).sorted { $0.rawValue < $1.rawValue }
        canUpdateMetadata = permission.canUpdateOwnMetadata
        hidden = permission.hidden
    }
}

extension Permission {
    /// A list of sources that names none we know allows no publishing at all.
    package init(_ permission: LiveKit_ParticipantPermission) {
        let sources = Set(permission.canPublishSources.compactMap(TrackSource.init))
        self.init(
            canSubscribe: permission.canSubscribe,
            canPublish: permission.canPublish && (permission.canPublishSources.isEmpty || !sources.isEmpty),
            canPublishData: permission.canPublishData,
            publishSources: sources,
            canUpdateOwnMetadata: permission.canUpdateMetadata,
            hidden: permission.hidden)
    }
}

extension LiveKit_TrackSource {
    package init(_ source: TrackSource) {
        self =
            switch source {
            case .unknown: .unknown
            case .camera: .camera
            case .microphone: .microphone
            case .screenShare: .screenShare
            case .screenShareAudio: .screenShareAudio
            }
    }
}

extension TrackSource {
    /// `nil`: a source of a later protocol.
    package init?(_ source: LiveKit_TrackSource) {
        switch source {
        case .unknown: self = .unknown
        case .camera: self = .camera
        case .microphone: self = .microphone
        case .screenShare: self = .screenShare
        case .screenShareAudio: self = .screenShareAudio
        case .UNRECOGNIZED: return nil
        }
    }
}
