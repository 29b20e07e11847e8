import Crypto
import Foundation

/// TURN and STUN servers outside that clients are told of, and what they show there.
///
/// With a shared secret each client gets credentials of its own that end by themselves, as coturn's `use-auth-secret`
/// has it: the username is the second of expiry and a name, the credential is the base64 of its HMAC-SHA1
/// (draft-uberti-behave-turn-rest-00 §2.2).
package struct TURNServers: Sendable, Equatable {
    package enum Access: Sendable, Equatable {
        case open
        case password(username: String, credential: String)
        /// - Parameter lifetime: of the credentials; a TURN allocation is kept alive with those it was made with, so a
        ///   stream is to be shorter.
        case sharedSecret(String, lifetime: Duration)
    }

    /// As `RTCIceServer` has it.
    struct Server: Hashable {
        var urls: [String]
        var username = ""
        var credential = ""
    }

    private var stunURLs: [String]
    private var turnURLs: [String]
    private var access: Access

    /// - Parameter urls: `stun:`, `stuns:`, `turn:` and `turns:` (RFC 7064, RFC 7065), as `isURL` takes them.
    package init(urls: [String] = [], access: Access = .open) {
        stunURLs = urls.filter(Self.isSTUN)
        turnURLs = urls.filter { !Self.isSTUN($0) }
        self.access = access
    }

    /// Media can come over one of them.
    var hasRelay: Bool { !turnURLs.isEmpty }

    /// - Parameters:
    ///   - client: tells one client's credentials from another's, without a colon.
    ///   - now: seconds since 1970.
    func servers(for client: String, at now: Int64) -> [Server] {
        var servers: [Server] = []
        if !stunURLs.isEmpty { servers.append(Server(urls: stunURLs)) }
        guard !turnURLs.isEmpty else { return servers }
        switch access {
        case .open: servers.append(Server(urls: turnURLs))
        case .password(let username, let credential):
            servers.append(Server(urls: turnURLs, username: username, credential: credential))
        case .sharedSecret(let secret, let lifetime):
            let username = "\(now + lifetime.components.seconds):\(client)"
            let code = HMAC<Insecure.SHA1>.authenticationCode(
                for: Data(username.utf8), using: SymmetricKey(data: Data(secret.utf8)))
            servers.append(
                Server(urls: turnURLs, username: username, credential: Data(code).base64EncodedString()))
        }
        return servers
    }

    private static func isSTUN(_ url: String) -> Bool { url.lowercased().hasPrefix("stun") }

    /// Whether browsers take a text as the URL of a STUN or TURN server: scheme, host, and maybe a port; for TURN, maybe
    /// a transport.
    package static func isURL(_ text: String) -> Bool {
        let url =
            /(?i:(?<scheme>stuns?|turns?)):(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(?<port>[0-9]{1,5}))?(?<query>\?transport=(?:udp|tcp))?/
        guard let match = text.wholeMatch(of: url) else { return false }
        if match.query != nil, isSTUN(text) { return false }
        return match.port.map { (1...65535).contains(Int($0) ?? 0) } ?? true
    }

    /// Whether a URL's server gives nothing without credentials.
    package static func needsCredentials(_ url: String) -> Bool { !isSTUN(url) }
}
