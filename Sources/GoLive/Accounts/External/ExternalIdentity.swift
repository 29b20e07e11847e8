import Foundation
import JWTKit
import Logging

/// Judges the tokens of an outside identity provider: JSON Web Tokens (RFC 7519) signed with a key of the provider's set
/// (RFC 7517). Owns the keys: they are fetched when first needed, again every ten minutes while in use, and when a token
/// names one that is not known.
actor ExternalIdentity {
    /// Milliseconds.
    static let refreshPeriod: Int64 = 600_000
    /// Milliseconds between fetches because of unknown keys: strangers can make those up.
    static let unknownKeyPeriod: Int64 = 60_000
    /// Milliseconds between tries while there are no keys at all.
    static let retryPeriod: Int64 = 5000
    /// Seconds by which the provider's clock may differ.
    static let leeway = 10.0
    /// UTF-8 bytes of the longest token that is looked at.
    static let longest = 16 << 10

    private let provider: ApplicationSettings.IdentityProvider
    private let fetch: @Sendable () async throws -> [UInt8]
    private let logger: Logger

    private var keys = ProviderKeys()
    /// Milliseconds since 1970, as are the next two; nil: never.
    private var triedAt: Int64?
    private var triedForUnknownAt: Int64?
    /// The fetch that is under way, for all who wait for it.
    private var fetching: Task<Void, Never>?

    /// - Parameter fetch: gives the key set's JSON; nil: from the file or the URL that the settings name.
    init(
        _ provider: ApplicationSettings.IdentityProvider, logger: Logger,
        fetch: (@Sendable () async throws -> [UInt8])? = nil
    ) {
        self.provider = provider
        self.logger = logger
        self.fetch = fetch ?? { try await ProviderKeys.document(at: provider.keySet) }
    }

    /// Whether a bearer token looks like a JSON Web Token: two dots. Session tokens have none.
    static func isCandidate(_ token: String) -> Bool {
        token.utf8.count { $0 == UInt8(ascii: ".") } == 2
    }

    /// - Parameter now: milliseconds since 1970.
    /// - Returns: nil for a token that is not good.
    func person(of token: String, at now: Int64) async -> ExternalPerson? {
        let bytes = Array(token.utf8)
        guard
            bytes.count <= Self.longest,
            let (header, _, _) = try? DefaultJWTParser().parse(bytes, as: ExternalClaims.self),
            let name = header.alg, let algorithm = ProviderKeys.algorithm(named: name),
            // Extensions that must be understood are not (RFC 7515 §4.1.11).
            header.crit == nil
        else { return nil }
        await refreshIfDue(at: now)
        var candidates = keys.candidates(for: algorithm, identifier: header.kid)
        if candidates.isEmpty, isUnknownKeyWorthAFetch(at: now) {
            triedForUnknownAt = now
            await refresh(at: now)
            candidates = keys.candidates(for: algorithm, identifier: header.kid)
        }
        for key in candidates {
            guard
                let collection = try? await JWTKeyCollection().add(jwk: key),
                let claims = try? await collection.verify(bytes, as: ExternalClaims.self)
            else { continue }
            return claims.person(for: provider, at: Double(now) / 1000, leeway: Self.leeway)
        }
        return nil
    }

    private func isUnknownKeyWorthAFetch(at now: Int64) -> Bool {
        triedForUnknownAt.map { now - $0 >= Self.unknownKeyPeriod } ?? true
    }

    private func refreshIfDue(at now: Int64) async {
        let period = keys.isEmpty ? Self.retryPeriod : Self.refreshPeriod
        if keys.isEmpty && fetching != nil || triedAt.map({ now - $0 >= period }) ?? true { await refresh(at: now) }
    }

    /// A fetch that fails leaves the keys as they were. Those who come meanwhile wait for the same one.
    private func refresh(at now: Int64) async {
        if let fetching { return await fetching.value }
        triedAt = now
        let task = Task {
            do {
                keys = try ProviderKeys(parsing: try await fetch())
            } catch {
                logger.error(
                    "the identity provider's keys cannot be had",
                    metadata: ["keys": "\(provider.keySet)", "error": "\(error)"])
            }
            fetching = nil
        }
        fetching = task
        await task.value
    }
}
