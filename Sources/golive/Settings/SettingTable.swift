import Foundation
import GoLive
import Logging

/// Every setting, once: the YAML file, the environment, the flags and the help are all read off this table.
enum SettingTable {
    static let all = general + TURNSettings.table

    private static let general: [Setting] = [
        .toggle(
            "dev", \.dev,
            "development: API key devkey with secret secret, everything on the loopback address"),
        .text(
            "host", "ADDRESS", "the address to listen on (default: all of IPv4 and IPv6; 127.0.0.1 with --dev)",
            read: address, write: { $0.host = $1 }),
        .integer("port", \.port, 0...65535, "HTTP and WebSocket; 0 takes any free port"),
        .integer("udp_port", \.udpPort, 0...65535, "media over UDP; 0 takes any free port"),
        .integer(
            "tcp_port", \.tcpPort, 0...65535, "media over TCP, where UDP is blocked; 0 takes any free port"),
        .toggle("tcp", \.tcp, "whether media may come over TCP (default true)"),
        .list(
            "node_ip", "ADDRESS", "the addresses that clients reach this machine at (default: its interfaces' own)",
            read: ipAddress, write: { $0.nodeIPs = $1 }),
        .text("data_dir", "FOLDER", "where data is kept (default data)", read: path, write: { $0.dataDirectory = $1 }),
        .text("tls.cert", "FILE", "PEM certificate chain for HTTPS", read: path, write: { $0.tlsCertificate = $1 }),
        .text("tls.key", "FILE", "PEM private key for HTTPS", read: path, write: { $0.tlsKey = $1 }),
        .choice("log.level", \.logLevel, "the least severe messages to log"),
        .choice("log.format", \.logFormat, "how messages are written"),
        .list("keys", "KEY:SECRET", "API keys and their secrets", read: keyPair) {
            settings, pairs throws(Setting.Refusal) in
            settings.keys = [:]
            for pair in pairs {
                guard settings.keys.updateValue(pair.secret, forKey: pair.name) == nil else {
                    throw Setting.Refusal(reason: "an API key is given twice")
                }
            }
        },
        .list(
            "webhook.urls", "URL", "where to post what happens in rooms", read: webURL, write: { $0.webhookURLs = $1 }),
        .text(
            "database", "URL", "sqlite:PATH or postgres://… (default golive.db in the data folder)",
            read: databaseURL, write: { $0.database = $1 }),
        .text(
            "public_url", "URL", "how browsers reach this server (default: as each request says)", read: webURL,
            write: { $0.publicURL = $1 }),
        .text(
            "creators.approval", "NAME",
            "who may create streams: manual, by an administrator, or automatic (default manual; automatic with --dev)",
            read: approval, write: { $0.approval = $1 }),
        .text(
            "auth.jwks", "FILE|URL", "the keys of an outside identity provider (JSON Web Key Set)", read: path,
            write: { $0.keySet = $1 }),
        .text("auth.issuer", "TEXT", "the issuer that its tokens must name", read: path, write: { $0.issuer = $1 }),
        .text(
            "auth.audience", "TEXT", "the audience that its tokens must name (default: any)", read: path,
            write: { $0.audience = $1 }),
        .integer(
            "streams.grace", \.mediaGrace, 1...600,
            "seconds that a stream waits for media, at its start and when it is gone, before it ends"),
        .integer("chat.delay", \.chatDelay, 0...60, "seconds that a delayed chat holds messages"),
        .toggle("chat.guests", \.guestsMayChat, "whether guests may chat where a host lets them (default true)"),
        .list(
            "http.trusted_proxies", "ADDRESS", "proxies whose X-Forwarded-For is believed", read: ipAddress,
            write: { $0.trustedProxies = $1 }),
        .toggle(
            "http.rate_limits", \.limitsRequests, "whether requests from one address are limited (default true)"),
        .text(
            "pages", "FOLDER", "serve the pages from this folder, not those compiled in (for work on them)",
            read: path, write: { $0.pagesDirectory = $1 }),
        .integer("workers", \.workers, 0...256, "media threads; 0 starts one for each core"),
    ]

    /// The flag and the variable that name the YAML file; the file itself cannot.
    static let configFlag = "--config"
    static let configEnvironmentName = "GOLIVE_CONFIG"

    static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
    static let byFlag = Dictionary(uniqueKeysWithValues: all.map { ($0.flag, $0) })
    static let byEnvironmentName = Dictionary(uniqueKeysWithValues: all.map { ($0.environmentName, $0) })

    static var help: String {
        let rows =
            [(configFlag + " FILE", "a YAML file of settings")]
            + all.map { ($0.flag + ($0.placeholder.isEmpty ? "" : " " + $0.placeholder), $0.help) }
        return """
            SETTINGS:
            \(rows.map { "  \($0.0)\n\(wrapped($0.1))" }.joined(separator: "\n"))

            Each has an environment variable (--webhook-urls: GOLIVE_WEBHOOK_URLS) and a
            place in the YAML file (webhook.urls). Flags go before the environment, the
            environment before the file.
            """
    }

    /// Indented lines for a terminal of eighty columns.
    private static func wrapped(_ text: String) -> String {
        var lines = [""]
        for word in text.split(separator: " ") {
            if lines[lines.count - 1].count + 1 + word.count > 72 { lines.append("") }
            lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "      " : " ") + word
        }
        return lines.joined(separator: "\n")
    }

    // MARK: Reading values

    @Sendable private static func address(_ text: String) throws(Setting.Refusal) -> String {
        text == "localhost" ? text : try ipAddress(text)
    }

    @Sendable private static func ipAddress(_ text: String) throws(Setting.Refusal) -> String {
        var four = in_addr()
        var six = in6_addr()
        guard inet_pton(AF_INET, text, &four) == 1 || inet_pton(AF_INET6, text, &six) == 1 else {
            throw Setting.Refusal(reason: "is not an IP address")
        }
        return text
    }

    @Sendable private static func path(_ text: String) throws(Setting.Refusal) -> String { text }

    @Sendable private static func keyPair(_ text: String) throws(Setting.Refusal) -> (name: String, secret: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let words = parts.map { $0.trimmingCharacters(in: .whitespaces) }
        guard words.count == 2, !words[0].isEmpty, !words[1].isEmpty else {
            throw Setting.Refusal(reason: "is not of the form key:secret")
        }
        return (words[0], words[1])
    }

    @Sendable private static func databaseURL(_ text: String) throws(Setting.Refusal) -> String {
        // The text is not repeated: it may hold a password.
        guard ["sqlite:", "postgres://", "postgresql://"].contains(where: text.hasPrefix) else {
            throw Setting.Refusal(reason: "must begin with sqlite: or postgres://")
        }
        return text
    }

    @Sendable private static func approval(_ text: String) throws(Setting.Refusal) -> ApplicationSettings.Approval {
        guard let approval = ApplicationSettings.Approval(rawValue: text) else {
            throw Setting.Refusal(reason: "must be manual or automatic")
        }
        return approval
    }

    @Sendable private static func webURL(_ text: String) throws(Setting.Refusal) -> String {
        guard
            let url = URL(string: text), let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
            url.host?.isEmpty == false
        else { throw Setting.Refusal(reason: "is not an http or https URL") }
        return text
    }
}
