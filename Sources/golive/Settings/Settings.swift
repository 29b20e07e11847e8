import Logging

/// Everything that can be set, with its defaults. `SettingTable` names each one.
struct Settings: Sendable, Equatable {
    var dev = false
    /// `nil`: the loopback address in development, every interface otherwise.
    var host: String?
    var port = 7880
    var udpPort = 7882
    var tcpPort = 7881
    var nodeIPs: [String] = []
    var dataDirectory = "data"
    var tlsCertificate: String?
    var tlsKey: String?
    var logLevel = Logger.Level.info
    var logFormat = LogFormat.text
    /// Secrets by API key.
    var keys: [String: String] = [:]
    var webhookURLs: [String] = []
    /// 0: one for each core.
    var workers = 0

    static let developmentKey = (name: "devkey", secret: "secret")

    /// The address that the sockets are bound to.
    var bindAddress: String {
        switch host {
        case "localhost": "127.0.0.1"
        case .some(let host): host
        case nil: dev ? "127.0.0.1" : "0.0.0.0"
        }
    }

    /// With development's key when nothing else is set.
    var effectiveKeys: [String: String] {
        keys.isEmpty && dev ? [Self.developmentKey.name: Self.developmentKey.secret] : keys
    }

    /// What no single value shows to be wrong.
    func check() throws(SettingError) {
        if effectiveKeys.isEmpty {
            throw SettingError(
                .configuration, "keys",
                "at least one API key is needed: make one with `golive generate-keys`, or start with --dev")
        }
        if (tlsCertificate == nil) != (tlsKey == nil) {
            throw SettingError(
                .configuration, tlsKey == nil ? "tls.key" : "tls.cert", "tls.cert and tls.key must be set together")
        }
    }
}

enum LogFormat: String, Sendable, CaseIterable {
    case text, json
}
