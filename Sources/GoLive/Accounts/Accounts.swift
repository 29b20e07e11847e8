import Foundation
package import Logging

/// Accounts: registering, signing in, sessions, profiles, and applications to create streams.
package struct Accounts: Sendable {
    let store: Store
    let settings: ApplicationSettings
    let logger: Logger
    let passwords = Passwords()
    /// Where tokens of an outside identity provider are judged; nil when there is none.
    let provider: ExternalIdentity?

    package init(store: Store, settings: ApplicationSettings, logger: Logger) {
        self.store = store
        self.settings = settings
        self.logger = logger
        provider = settings.identityProvider.map { ExternalIdentity($0, logger: logger) }
    }

    /// Who a session token, or a bearer token of the outside identity provider, belongs to; nil when it is not good.
    func user(ofToken token: String) async throws -> User? {
        if let provider, ExternalIdentity.isCandidate(token) {
            guard let person = await provider.person(of: token, at: WallClock.now()) else { return nil }
            return try await user(of: person)
        }
        return try await store.read { try $0.user(ofSession: SessionToken.hash(token), at: WallClock.now()) }
    }

    /// Sweeps expired sessions once an hour, until cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                let count = try await store.write { try $0.deleteExpiredSessions(at: WallClock.now()) }
                if count > 0 { logger.debug("expired sessions were swept", metadata: ["sessions": "\(count)"]) }
            } catch {
                logger.error("expired sessions could not be swept", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: .seconds(3600))
        }
    }
}
