import Crypto
import HTTPTypes
import Hummingbird
import NIOCore

/// Files of the browser client, held in memory, each with its type and a strong ETag (RFC 9110 §8.8.3), and the addresses
/// at which pages are found that are not their file's name.
package struct StaticAssets: Sendable {
    /// A page at addresses of a pattern, such as `/u/:name`.
    package struct Place: Sendable {
        package var pattern: String
        package var file: String

        package init(_ pattern: String, _ file: String) {
            self.pattern = pattern
            self.file = file
        }
    }

    struct Asset: Sendable {
        let type: String
        let tag: String
        let bytes: ByteBuffer
        /// The same in gzip; nil where that saves nothing.
        let compressed: ByteBuffer?
    }

    let places: [Place]
    private let assets: [String: Asset]
    private let named: String?
    private let framed: Set<String>
    private let missing: String?

    /// - Parameters:
    ///   - files: bytes by file name; `index.html` is what `/` answers.
    ///   - places: pages at other addresses.
    ///   - named: the page of every `/name` that is no file; nil: there is nothing.
    ///   - framed: pages that other sites may show in a frame.
    ///   - missing: the page shown where there is nothing; nil: plain text.
    package init(
        _ files: [String: [UInt8]] = [:], places: [Place] = [], named: String? = nil, framed: Set<String> = [],
        missing: String? = nil
    ) {
        self.places = places
        self.named = named
        self.framed = framed
        self.missing = missing
        assets = Dictionary(
            uniqueKeysWithValues: files.map { name, bytes in
                let digest = SHA256.hash(data: bytes).prefix(12).map { byte in
                    String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
                }
                let tag = "\"" + digest.joined() + "\""
                let asset = Asset(
                    type: Self.type(of: name), tag: tag, bytes: ByteBuffer(bytes: bytes),
                    compressed: Gzip.compress(bytes).map { ByteBuffer(bytes: $0) })
                return (name, asset)
            })
    }

    /// The files' names.
    package var names: Set<String> { Set(assets.keys) }

    /// The answer to a request for the file; a page may be asked for without its `.html`, and a name that is no file may
    /// be somebody's.
    func require(_ name: String, _ request: Request) throws -> Response {
        let file = assets[name] != nil || name.contains(".") ? name : name + ".html"
        if let asset = assets[file] { return answer(asset, of: file, to: request) }
        guard let named, Self.isName(name), let asset = assets[named] else { throw HTTPError(.notFound) }
        return answer(asset, of: named, to: request)
    }

    /// What is shown to a browser that asks for a page where there is none; nil for who asks for something else.
    func nothing(_ request: Request) -> Response? {
        guard let missing, let asset = assets[missing], request.method == .get || request.method == .head,
            request.headers[.accept]?.contains("text/html") ?? false
        else { return nil }
        return .whole(.notFound, type: asset.type, asset.bytes, headers: headers(of: missing))
    }

    /// What somebody may be called.
    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    private func answer(_ asset: Asset, of file: String, to request: Request) -> Response {
        let compressed = Self.takesGzip(request) ? asset.compressed : nil
        // Two encodings are two representations, each with its own tag (RFC 9110 §8.8.3.3).
        let tag = compressed == nil ? asset.tag : asset.tag.dropLast() + "-gzip\""
        var headers = headers(of: file)
        headers[.eTag] = tag
        headers[.vary] = "Accept-Encoding"
        if let ifNoneMatch = request.headers[.ifNoneMatch], Self.matches(ifNoneMatch, tag) {
            return Response(status: .notModified, headers: headers)
        }
        if compressed != nil { headers[.contentEncoding] = "gzip" }
        return .whole(.ok, type: asset.type, compressed ?? asset.bytes, headers: headers)
    }

    private func headers(of file: String) -> HTTPFields {
        [
            .cacheControl: "no-cache", .xContentTypeOptions: "nosniff", .referrerPolicy: "no-referrer",
            .contentSecurityPolicy: Self.policy + (framed.contains(file) ? "" : "; frame-ancestors 'none'"),
        ]
    }

    /// Whether the client says that it takes gzip, and not with a weight of zero (RFC 9110 §12.5.3).
    private static func takesGzip(_ request: Request) -> Bool {
        (request.headers[.acceptEncoding] ?? "").split(separator: ",").contains { choice in
            let parts = choice.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard parts.first == "gzip" || parts.first == "*" else { return false }
            return !parts.dropFirst().contains { $0.hasPrefix("q=0") && !$0.contains { "123456789".contains($0) } }
        }
    }

    /// Scripts and styles only of our own; media of the page's making; a socket to any server the page is pointed at.
    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:",
        "media-src 'self' blob: mediastream:", "connect-src 'self' ws: wss:", "font-src 'self'",
        "manifest-src 'self'", "worker-src 'self'", "base-uri 'none'", "form-action 'self'",
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
