package import Relay

/// What an access token allows its bearer: LiveKit's claims, already verified.
///
/// `canPublish`, `canSubscribe` and `canPublishData` that a token does not state are allowed, which is LiveKit's rule;
/// tokens that this server issues state all three.
package struct Grant: Sendable, Equatable {
    package var identity: String
    package var name: String
    package var metadata: String
    package var attributes: [String: String]
    /// The one room that `roomJoin` and `roomAdmin` are about.
    package var room: String?
    package var roomJoin: Bool
    package var roomAdmin: Bool
    package var roomCreate: Bool
    package var roomList: Bool
    /// Joins without being shown to the others.
    package var hidden: Bool
    package var canPublish: Bool?
    package var canSubscribe: Bool?
    package var canPublishData: Bool?
    package var canUpdateOwnMetadata: Bool?
    /// `camera`, `microphone`, `screen_share`, `screen_share_audio`; `nil` or empty: every source.
    package var canPublishSources: [String]?
    /// LiveKit's participant kind, such as `standard` or `agent`.
    package var kind: String?
    /// Base64 of the SHA-256 of the body that the token vouches for (webhooks).
    package var sha256: String?
    /// Unix seconds.
    package var expiresAt: Int64
    /// Unix seconds; `nil` when the token says neither `nbf` nor `iat`.
    package var issuedAt: Int64?
    /// Tells one token from another without keeping it; empty for a grant that was not read from a token.
    package var fingerprint: String
    /// The key that signed the token.
    package var apiKey: String

    package init(
        identity: String, name: String = "", metadata: String = "", attributes: [String: String] = [:],
        room: String? = nil, roomJoin: Bool = false, roomAdmin: Bool = false, roomCreate: Bool = false,
        roomList: Bool = false, hidden: Bool = false, canPublish: Bool? = nil, canSubscribe: Bool? = nil,
        canPublishData: Bool? = nil, canUpdateOwnMetadata: Bool? = nil, canPublishSources: [String]? = nil,
        kind: String? = nil, sha256: String? = nil, expiresAt: Int64 = 0, issuedAt: Int64? = nil,
        fingerprint: String = "", apiKey: String = ""
    ) {
        self.identity = identity
        self.name = name
        self.metadata = metadata
        self.attributes = attributes
        self.room = room
        self.roomJoin = roomJoin
        self.roomAdmin = roomAdmin
        self.roomCreate = roomCreate
        self.roomList = roomList
        self.hidden = hidden
        self.canPublish = canPublish
        self.canSubscribe = canSubscribe
        self.canPublishData = canPublishData
        self.canUpdateOwnMetadata = canUpdateOwnMetadata
        self.canPublishSources = canPublishSources
        self.kind = kind
        self.sha256 = sha256
        self.expiresAt = expiresAt
        self.issuedAt = issuedAt
        self.fingerprint = fingerprint
        self.apiKey = apiKey
    }

    /// What the relay is to allow. A list of sources that names none we know allows no publishing at all.
    package var permission: Permission {
        let named = canPublishSources ?? []
        let sources = Set(named.compactMap(TrackSource.init(grantName:)))
        return Permission(
            canSubscribe: canSubscribe ?? true,
            canPublish: (canPublish ?? true) && (named.isEmpty || !sources.isEmpty),
            canPublishData: canPublishData ?? true,
            publishSources: sources,
            canUpdateOwnMetadata: canUpdateOwnMetadata ?? false,
            hidden: hidden)
    }
}

extension TrackSource {
    /// The name by which `canPublishSources` calls it.
    package var grantName: String {
        switch self {
        case .unknown: "unknown"
        case .camera: "camera"
        case .microphone: "microphone"
        case .screenShare: "screen_share"
        case .screenShareAudio: "screen_share_audio"
        }
    }

    package init?(grantName: String) {
        guard let source = Self.allCases.first(where: { $0.grantName == grantName }) else { return nil }
        self = source
    }
}
