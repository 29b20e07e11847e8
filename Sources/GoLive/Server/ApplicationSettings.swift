import HTTPTypes
import HummingbirdCore
import NIOCore

/// How the application behaves; the command line makes it from the settings.
package struct ApplicationSettings: Sendable {
    package enum Approval: String, Sendable, CaseIterable {
        /// An administrator approves each application.
        case manual
        /// Whoever applies is approved.
        case automatic
    }

    /// An outside identity provider whose bearer tokens are accepted.
    package struct IdentityProvider: Sendable {
        /// A file or an http(s) URL that holds a JSON Web Key Set (RFC 7517).
        package var keySet: String
        /// What `iss` must be.
        package var issuer: String
        /// What `aud` must hold; nil: anything.
        package var audience: String?

        package init(keySet: String, issuer: String, audience: String? = nil) {
            self.keySet = keySet
            self.issuer = issuer
            self.audience = audience
        }
    }

    /// `sqlite:PATH` or `postgres://…`.
    package var database = "sqlite:data/golive.db"
    /// How browsers reach the server, such as `https://live.example.org`; nil: as each request says.
    package var publicURL: String?
    package var approval = Approval.manual
    /// Whether the first to register becomes an administrator and an approved creator (`--dev`).
    package var firstUserIsAdmin = false
    package var identityProvider: IdentityProvider?
    /// For how long a delayed chat holds messages.
    package var chatDelay: Duration = .seconds(3)
    /// Whether guests may chat where a host lets them.
    package var guestsMayChat = true
    /// How long a stream waits for media before it ends: at its start, and when media is gone.
    package var mediaGrace: Duration = .seconds(30)
    /// Addresses of proxies whose `X-Forwarded-For` is believed.
    package var trustedProxies: [String] = []
    /// Off for load tests.
    package var limitsRequests = true

    package init() {}

    /// Who asks, for limits: the connection's address, or what a trusted proxy says of it.
    func clientAddress(of request: Request, connection: SocketAddress?) -> String {
        let address = connection?.peerAddress ?? "unknown"
        guard trustedProxies.contains(address), let header = request.headers[.xForwardedFor] else { return address }
        // The nearest proxy wrote the last entry; those before it are the client's to invent.
        let hops = header.split(separator: ",").map { $0.drop { $0 == " " }.prefix { $0 != " " } }
        return hops.last { !trustedProxies.contains(String($0)) }.map(String.init) ?? address
    }

    /// Where clients open their signalling connection: `wss://live.example.org`.
    func signallingURL(for request: Request, isSecure: Bool) -> String {
        if let publicURL {
            // http → ws, https → wss.
            return "ws" + publicURL.dropFirst("http".count)
        }
        let isForwarded = request.headers[.xForwardedProto]?.lowercased() == "https"
        return "\(isSecure || isForwarded ? "wss" : "ws")://\(request.head.authority ?? "localhost")"
    }
}

extension SocketAddress {
    /// The address without its port. One of IPv4 is written as such also where a socket of both families took it
    /// (RFC 4291 §2.5.5.2), so that it is the same address to limits and proxies.
    var peerAddress: String? {
        guard let ipAddress else { return nil }
        let mapped = "::ffff:"
        let rest = ipAddress.dropFirst(mapped.count)
        return ipAddress.lowercased().hasPrefix(mapped) && rest.contains(".") ? String(rest) : ipAddress
    }
}
