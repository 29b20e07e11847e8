import Signal

/// What `rtc.turn.…` says of TURN servers outside.
struct TURNSettings: Sendable, Equatable {
    var urls: [String] = []
    var secret: String?
    var username: String?
    var credential: String?
    /// Seconds.
    var lifetime = 86_400

    var servers: TURNServers {
        if let secret {
            TURNServers(urls: urls, access: .sharedSecret(secret, lifetime: .seconds(lifetime)))
        } else if let username, let credential {
            TURNServers(urls: urls, access: .password(username: username, credential: credential))
        } else {
            TURNServers(urls: urls)
        }
    }

    /// What no single value shows to be wrong.
    func check() throws(SettingError) {
        if (username == nil) != (credential == nil) {
            throw SettingError(
                .configuration, username == nil ? "rtc.turn.username" : "rtc.turn.credential",
                "rtc.turn.username and rtc.turn.credential must be set together")
        }
        if secret != nil, username != nil {
            throw SettingError(
                .configuration, "rtc.turn.secret", "set either rtc.turn.secret, or a username and a credential")
        }
        let hasCredentials = secret != nil || username != nil
        if hasCredentials, urls.isEmpty {
            throw SettingError(.configuration, "rtc.turn.urls", "there are credentials, but no server to show them to")
        }
        if !hasCredentials, urls.contains(where: TURNServers.needsCredentials) {
            throw SettingError(
                .configuration, "rtc.turn.secret",
                "a TURN server needs rtc.turn.secret, or rtc.turn.username and rtc.turn.credential")
        }
    }

    static let table: [Setting] = [
        .list(
            "rtc.turn.urls", "URL", "STUN and TURN servers for clients, such as turn:turn.example.org:3478", read: url,
            write: { $0.turn.urls = $1 }),
        .text(
            "rtc.turn.secret", "TEXT", "the secret that the TURN server shares (coturn: static-auth-secret)",
            read: text, write: { $0.turn.secret = $1 }),
        .text(
            "rtc.turn.username", "TEXT", "a fixed name at the TURN server, instead of a secret", read: text,
            write: { $0.turn.username = $1 }),
        .text(
            "rtc.turn.credential", "TEXT", "its password", read: text, write: { $0.turn.credential = $1 }),
        .integer(
            "rtc.turn.ttl", \.turn.lifetime, 60...604_800,
            "seconds that credentials made with the secret are good for"),
    ]

    @Sendable private static func url(_ text: String) throws(Setting.Refusal) -> String {
        // The text is not repeated: it may be a misplaced secret.
        guard TURNServers.isURL(text) else {
            throw Setting.Refusal(reason: "is not of the form turn:HOST:PORT, turns:HOST:PORT or stun:HOST:PORT")
        }
        return text
    }

    @Sendable private static func text(_ text: String) throws(Setting.Refusal) -> String { text }
}
