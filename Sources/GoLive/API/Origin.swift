import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// What a request says of where it comes from.
extension ApplicationSettings {
    /// Whether a trusted proxy says that the client speaks TLS with it.
    func saysSecure(_ request: Request, connection: SocketAddress?) -> Bool {
        guard let address = connection?.peerAddress, trustedProxies.contains(address) else { return false }
        return request.headers[.xForwardedProto]?.lowercased() == "https"
    }

    /// Whether a request that changes something comes from a page of ours, as browsers state it: in `Origin`
    /// (RFC 6454 §7), or without one in `Sec-Fetch-Site` (W3C Fetch Metadata §2.3). Requests that change nothing may come
    /// from anywhere: other pages cannot read the answer.
    func isOwnOrigin(_ request: Request) -> Bool {
        if [.get, .head, .options].contains(request.method) { return true }
        guard let origin = request.headers[.origin] else { return request.headers[.secFetchSite] == "same-origin" }
        if let publicURL, Self.origin(of: publicURL) == origin.lowercased() { return true }
        guard let host = request.head.authority?.lowercased(), !host.isEmpty else { return false }
        return origin.lowercased() == "http://" + host || origin.lowercased() == "https://" + host
    }

    /// Scheme, host and port of a URL, as browsers write them: the scheme's own port is left out.
    static func origin(of url: String) -> String {
        let parts = url.lowercased().split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return "" }
        var host = parts[2].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let port = parts[0] == "https:" ? ":443" : ":80"
        if host.hasSuffix(port) { host = host.dropLast(port.count) }
        return "\(parts[0])//\(host)"
    }
}
