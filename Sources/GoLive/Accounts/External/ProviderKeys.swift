import AsyncHTTPClient
import Foundation
import JWTKit
import NIOCore
import NIOHTTP1
import NIOPosix

/// A JSON Web Key Set (RFC 7517) as far as it can verify tokens: RSA, P-256, P-384 and Ed25519. Never shared secrets, and
/// keys of other kinds or for other uses are passed over.
struct ProviderKeys: Sendable {
    /// Bytes of a document.
    static let sizeLimit = 256 << 10
    /// Keys of a set that are looked at.
    static let countLimit = 64

    private struct Document: Decodable {
        var keys: [Entry]
    }

    /// One key, or what is none for us.
    private struct Entry: Decodable {
        private struct Use: Decodable { var use: String? }

        var key: JWK?

        init(from decoder: any Decoder) throws {
            let use = try? Use(from: decoder).use
            guard use == nil || use == "sig" else { return }
            key = try? JWK(from: decoder)
        }
    }

    private var keys: [JWK] = []

    init() {}

    /// - Throws: when it is no key set.
    init(parsing document: [UInt8]) throws {
        let entries = try JSONDecoder().decode(Document.self, from: Data(document)).keys
        keys = Array(entries.lazy.compactMap(\.key).prefix(Self.countLimit))
    }

    var isEmpty: Bool { keys.isEmpty }

    /// The algorithms that are taken: signatures that the provider alone can make.
    static func algorithm(named name: String) -> JWK.Algorithm? {
        let allowed: [JWK.Algorithm] = [.rs256, .rs384, .rs512, .es256, .es384, .eddsa]
        return allowed.first { $0.rawValue == name }
    }

    /// The keys that may have made a signature, each for this one algorithm.
    ///
    /// - Parameter identifier: `kid` of the token; nil: any key of the kind.
    func candidates(for algorithm: JWK.Algorithm, identifier: String?) -> [JWK] {
        keys.filter { key in
            (identifier == nil || key.keyIdentifier?.string == identifier)
                && (key.algorithm == nil || key.algorithm == algorithm) && Self.fits(key, algorithm)
        }.map { key in
            var key = key
            key.algorithm = algorithm
            key.keyIdentifier = JWKIdentifier(string: identifier ?? "")
            return key
        }
    }

    private static func fits(_ key: JWK, _ algorithm: JWK.Algorithm) -> Bool {
        switch algorithm {
        case .es256: key.keyType == .ecdsa && key.curve == .ecdsa(.p256)
        case .es384: key.keyType == .ecdsa && key.curve == .ecdsa(.p384)
        case .eddsa: key.keyType == .octetKeyPair && key.curve == .eddsa(.ed25519)
        default: key.keyType == .rsa
        }
    }

    // MARK: Where it is

    struct Unavailable: Error, CustomStringConvertible {
        var description: String
    }

    /// - Parameter place: a file or an http(s) URL, which has five seconds.
    static func document(at place: String) async throws -> [UInt8] {
        guard place.hasPrefix("http://") || place.hasPrefix("https://") else { return try await file(place) }
        let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: place), timeout: .seconds(5))
        guard response.status == .ok else { throw Unavailable(description: "status \(response.status.code)") }
        return Array(buffer: try await response.body.collect(upTo: sizeLimit))
    }

    private static func file(_ path: String) async throws -> [UInt8] {
        try await NIOThreadPool.singleton.runIfActive {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            let data = try file.read(upToCount: sizeLimit + 1) ?? Data()
            guard data.count <= sizeLimit else { throw Unavailable(description: "larger than \(sizeLimit) bytes") }
            return Array(data)
        }
    }
}
