import Crypto
import HTTPTypes
import Hummingbird
import NIOCore

/// Files of the browser client, held in memory, each with its type and a strong ETag (RFC 9110 §8.8.3).
package struct StaticAssets: Sendable {
    struct Asset: Sendable {
        let type: String
        let tag: String
        let bytes: ByteBuffer
    }

    private let assets: [String: Asset]

    /// - Parameter files: bytes by file name; `index.html` is what `/` answers.
    package init(_ files: [String: [UInt8]] = [:]) {
        assets = Dictionary(
            uniqueKeysWithValues: files.map { name, bytes in
                let digest = SHA256.hash(data: bytes).prefix(12).map { byte in
                    String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
                }
                let tag = "\"" + digest.joined() + "\""
                return (name, Asset(type: Self.type(of: name), tag: tag, bytes: ByteBuffer(bytes: bytes)))
            })
    }

    /// The answer to a request for the file; a page may be asked for without its `.html`.
    func require(_ name: String, _ request: Request) throws -> Response {
        guard let asset = assets[name] ?? assets[name + ".html"] else { throw HTTPError(.notFound) }
        var headers: HTTPFields = [
            .eTag: asset.tag, .cacheControl: "no-cache", .contentSecurityPolicy: Self.policy,
            .xContentTypeOptions: "nosniff",
        ]
        headers[.referrerPolicy] = "no-referrer"
        if let ifNoneMatch = request.headers[.ifNoneMatch], Self.matches(ifNoneMatch, asset.tag) {
            return Response(status: .notModified, headers: headers)
        }
        return .whole(.ok, type: asset.type, asset.bytes, headers: headers)
    }

    /// Scripts and styles only of our own; media of the page's making; a socket to any server the page is pointed at.
    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:",
        "media-src 'self' blob: mediastream:", "connect-src 'self' ws: wss:", "font-src 'self'",
        "manifest-src 'self'", "worker-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    private static func matches(_ header: String, _ tag: String) -> Bool {
        header.split(separator: ",").contains { candidate in
            var candidate = candidate.drop { $0 == " " }
            if candidate.hasPrefix("W/") { candidate = candidate.dropFirst(2) }
            return candidate == "*" || candidate.prefix { $0 != " " } == tag
        }
    }

    private static func type(of name: String) -> String {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "json": "application/json"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "ico": "image/x-icon"
        case "webp": "image/webp"
        case "woff2": "font/woff2"
        case "txt": "text/plain; charset=utf-8"
        default: "application/octet-stream"
        }
    }
}

extension HTTPField.Name {
    static let referrerPolicy = Self("Referrer-Policy")!
}
