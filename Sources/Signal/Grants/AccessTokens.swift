import Crypto
import Foundation
import JWTKit

/// Reads and writes LiveKit access tokens: HS256 JWTs (RFC 7519) whose `iss` is the API key that signed them.
package struct AccessTokens: Sendable {
    /// Seconds by which another machine's clock may differ.
    static let leeway: Int64 = 10
    /// UTF-8 bytes of the longest token that is looked at.
    static let longest = 16 << 10

    private let keys: [String: HMACKey]

    /// - Parameter keys: secrets by API key.
    package init(keys: [String: String]) {
        self.keys = keys.mapValues(Self.hmacKey)
    }

    /// The key's bytes filled with zeros to HMAC's block, which is what HMAC does with a short key anyway (RFC 2104 §2):
    /// the JWT library traps on keys shorter than the hash, and LiveKit's `secret` is one.
    private static func hmacKey(_ secret: String) -> HMACKey {
        let bytes = Array(secret.utf8)
        let block = SHA256.blockByteCount
        return HMACKey(from: bytes + Array(repeating: 0, count: max(0, block - bytes.count)))
    }

    package func verify(_ jwt: String) async throws(GrantError) -> Grant {
        try await verify(jwt, at: Self.now())
    }

    /// - Parameter now: Unix seconds.
    package func verify(_ jwt: String, at now: Int64) async throws(GrantError) -> Grant {
        let bytes = Array(jwt.utf8)
        guard bytes.count <= Self.longest else { throw .tooLong }
        guard
            let (header, unverified, _) = try? DefaultJWTParser().parse(bytes, as: AccessClaims.self),
            header.alg == "HS256"
        else { throw .malformed }
        guard let key = keys[unverified.iss] else { throw .unknownKey }

        let collection = await JWTKeyCollection().add(hmac: key, digestAlgorithm: .sha256)
        guard let claims = try? await collection.verify(bytes, as: AccessClaims.self) else { throw .badSignature }

        guard let expiry = claims.exp?.value else { throw .malformed }
        guard now - Self.leeway < expiry else { throw .expired }
        if let start = claims.nbf?.value, start > now + Self.leeway { throw .notYetValid }
        let grant = Grant(claims, expiresAt: expiry, fingerprint: Self.fingerprint(bytes))
        if grant.roomJoin {
            guard !grant.identity.isEmpty else { throw .missingIdentity }
            guard grant.room != nil else { throw .missingRoom }
        }
        return grant
    }

    /// A token for the grant, valid from now for `ttl`.
    ///
    /// - Parameter apiKey: the key to sign with; `nil`: the grant's own, or else the first known.
    package func issue(_ grant: Grant, apiKey: String? = nil, ttl: Duration) async throws -> String {
        try await issue(grant, apiKey: apiKey, ttl: ttl, at: Self.now())
    }

    package func issue(_ grant: Grant, apiKey: String? = nil, ttl: Duration, at now: Int64) async throws -> String {
        let own = keys[grant.apiKey] == nil ? nil : grant.apiKey
        guard let name = apiKey ?? own ?? keys.keys.min(), let key = keys[name] else { throw GrantError.unknownKey }
        var grant = grant
        grant.apiKey = name
        grant.issuedAt = now
        grant.expiresAt = now + ttl.components.seconds
        let collection = await JWTKeyCollection().add(hmac: key, digestAlgorithm: .sha256)
        return try await collection.sign(AccessClaims(grant))
    }

    private static func fingerprint(_ token: [UInt8]) -> String {
        Data(SHA256.hash(data: token)).base64EncodedString()
    }

    static func now() -> Int64 { Int64(Date().timeIntervalSince1970) }
}
