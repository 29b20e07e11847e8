import GoLive
import Logging

/// Everything that can be set, with its defaults. `SettingTable` names each one.
struct Settings: Sendable, Equatable {
    var dev = false
    /// `nil`: the loopback address in development, every interface otherwise.
    var host: String?
    var port = 7880
    var udpPort = 7882
    var tcpPort = 7881
    /// Whether media may also come over TCP.
    var tcp = true
    var nodeIPs: [String] = []
    var dataDirectory = "data"
    var turn = TURNSettings()
    var tlsCertificate: String?
    var tlsKey: String?
    var logLevel = Logger.Level.info
    var logFormat = LogFormat.text
    /// Secrets by API key.
    var keys: [String: String] = [:]
    var webhookURLs: [String] = []
    /// 0: one for each core.
    var workers = 0
    /// `nil`: SQLite in the data folder.
    var database: String?
    var publicURL: String?
    /// `nil`: automatic in development, manual otherwise.
    var approval: ApplicationSettings.Approval?
    var keySet: String?
    var issuer: String?
    var audience: String?
    /// Seconds.
    var mediaGrace = 30
    /// Seconds.
    var chatDelay = 3
    var guestsMayChat = true
    var trustedProxies: [String] = []
    var limitsRequests = true
    /// `nil`: the pages compiled in.
    var pagesDirectory: String?

    static let developmentKey = (name: "devkey", secret: "secret")

    /// The address that the sockets are bound to.
    var bindAddress: String {
        switch host {
        case "localhost": "127.0.0.1"
        case .some(let host): host
        case nil: dev ? "127.0.0.1" : LocalAddresses.any
        }
    }

    /// With development's key when nothing else is set.
    var effectiveKeys: [String: String] {
        keys.isEmpty && dev ? [Self.developmentKey.name: Self.developmentKey.secret] : keys
    }

    /// Where data is kept.
    var databaseAddress: String { database ?? "sqlite:\(dataDirectory)/golive.db" }

    /// What no single value shows to be wrong.
    func check() throws(SettingError) {
        if (keySet == nil) != (issuer == nil) {
            throw SettingError(
                .configuration, issuer == nil ? "auth.issuer" : "auth.jwks",
                "auth.jwks and auth.issuer must be set together")
        }
        if effectiveKeys.isEmpty {
            throw SettingError(
                .configuration, "keys",
                "at least one API key is needed: make one with `golive generate-keys`, or start with --dev")
        }
        try turn.check()
        if (tlsCertificate == nil) != (tlsKey == nil) {
            throw SettingError(
                .configuration, tlsKey == nil ? "tls.key" : "tls.cert", "tls.cert and tls.key must be set together")
        }
    }
}

enum LogFormat: String, Sendable, CaseIterable {
    case text, json
}
