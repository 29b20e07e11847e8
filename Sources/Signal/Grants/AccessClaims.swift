import JWTKit

/// The JSON inside an access token, named as LiveKit names it. Times are whole Unix seconds; fractions that others
/// write are cut off.
struct AccessClaims: JWTPayload {
    struct Video: Codable, Sendable {
        var room: String?
        var roomJoin: Bool?
        var roomAdmin: Bool?
        var roomCreate: Bool?
        var roomList: Bool?
        var hidden: Bool?
        var canPublish: Bool?
        var canSubscribe: Bool?
        var canPublishData: Bool?
        var canPublishSources: [String]?
        var canUpdateOwnMetadata: Bool?
    }

    var iss: String
    var sub: String?
    var nbf: UnixSeconds?
    var iat: UnixSeconds?
    var exp: UnixSeconds?
    var name: String?
    var metadata: String?
    var attributes: [String: String]?
    var kind: String?
    var sha256: String?
    var video: Video?

    /// The times are checked by `AccessTokens`, which knows the time.
    func verify(using _: some JWTAlgorithm) {}
}

/// A `NumericDate` (RFC 7519 §2) that is read with or without a fraction and written without.
struct UnixSeconds: Codable, Sendable, Hashable {
    var value: Int64

    init(_ value: Int64) { self.value = value }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let number = try container.decode(Double.self)
        guard let value = Int64(exactly: number.rounded(.down)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a time")
        }
        self.value = value
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

extension AccessClaims {
    init(_ grant: Grant) {
        iss = grant.apiKey
        sub = grant.identity.isEmpty ? nil : grant.identity
        nbf = grant.issuedAt.map(UnixSeconds.init)
        exp = UnixSeconds(grant.expiresAt)
        name = grant.name.isEmpty ? nil : grant.name
        metadata = grant.metadata.isEmpty ? nil : grant.metadata
        attributes = grant.attributes.isEmpty ? nil : grant.attributes
        kind = grant.kind
        sha256 = grant.sha256
        guard grant.sha256 == nil else { return }
        video = Video(
            room: grant.room,
            roomJoin: grant.roomJoin ? true : nil,
            roomAdmin: grant.roomAdmin ? true : nil,
            roomCreate: grant.roomCreate ? true : nil,
            roomList: grant.roomList ? true : nil,
            hidden: grant.hidden ? true : nil,
            // What we issue states all three: unset would mean allowed.
            canPublish: grant.canPublish ?? false,
            canSubscribe: grant.canSubscribe ?? false,
            canPublishData: grant.canPublishData ?? false,
            canPublishSources: grant.canPublishSources,
            canUpdateOwnMetadata: grant.canUpdateOwnMetadata)
    }
}

extension Grant {
    init(_ claims: AccessClaims, expiresAt: Int64, fingerprint: String) {
        self.init(
            identity: claims.sub ?? "",
            name: claims.name ?? "",
            metadata: claims.metadata ?? "",
            attributes: claims.attributes ?? [:],
            room: claims.video?.room.flatMap { $0.isEmpty ? nil : $0 },
            roomJoin: claims.video?.roomJoin ?? false,
            roomAdmin: claims.video?.roomAdmin ?? false,
            roomCreate: claims.video?.roomCreate ?? false,
            roomList: claims.video?.roomList ?? false,
            hidden: claims.video?.hidden ?? false,
            canPublish: claims.video?.canPublish,
            canSubscribe: claims.video?.canSubscribe,
            canPublishData: claims.video?.canPublishData,
            canUpdateOwnMetadata: claims.video?.canUpdateOwnMetadata,
            canPublishSources: claims.video?.canPublishSources,
            kind: claims.kind,
            sha256: claims.sha256,
            expiresAt: expiresAt,
            issuedAt: [claims.nbf?.value, claims.iat?.value].compactMap(\.self).max(),
            fingerprint: fingerprint,
            apiKey: claims.iss)
    }
}
