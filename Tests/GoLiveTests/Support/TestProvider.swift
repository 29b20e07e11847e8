import CryptoExtras
import Foundation
import JWTKit

@testable import GoLive

/// An outside identity provider: a key of each kind, tokens signed with them, and the set of their public halves.
struct TestProvider: Sendable {
    static let issuer = "https://id.example.org/"

    let rsa: JWTKit.Insecure.RSA.PrivateKey
    let ecdsa = ES256PrivateKey()
    let eddsa: EdDSA.PrivateKey
    /// Added to the keys' names, which are `rsa`, `ec` and `ed`.
    let generation: String

    init(generation: String = "") throws {
        self.generation = generation
        rsa = try JWTKit.Insecure.RSA.PrivateKey(backing: _RSA.Signing.PrivateKey(keySize: .bits2048))
        eddsa = try EdDSA.PrivateKey(curve: .ed25519)
    }

    /// What a token says; times are Unix seconds.
    struct Claims: JWTPayload {
        var iss = TestProvider.issuer
        var sub: String? = "auth0|1"
        var aud: String?
        var exp: Int?
        var nbf: Int?
        var name: String?
        var preferredUsername: String?
        var email: String?

        enum CodingKeys: String, CodingKey {
            case iss, sub, aud, exp, nbf, name, email
            case preferredUsername = "preferred_username"
        }

        init(exp: Int = Int(Date().timeIntervalSince1970) + 600) { self.exp = exp }

        func verify(using algorithm: some JWTAlgorithm) {}
    }

    enum Algorithm: String, CaseIterable, Sendable {
        case rs256, rs384, rs512, es256, eddsa
    }

    func token(
        _ algorithm: Algorithm = .es256, header: [String: JWTHeaderField] = [:],
        _ change: (inout Claims) -> Void = { _ in }
    ) async throws -> String {
        var claims = Claims()
        change(&claims)
        let keys = JWTKeyCollection()
        let name: String
        switch algorithm {
        case .rs256, .rs384, .rs512:
            name = "rsa"
            let digest: DigestAlgorithm = algorithm == .rs256 ? .sha256 : algorithm == .rs384 ? .sha384 : .sha512
            await keys.add(rsa: rsa, digestAlgorithm: digest)
        case .es256:
            name = "ec"
            await keys.add(ecdsa: ecdsa)
        case .eddsa:
            name = "ed"
            await keys.add(eddsa: eddsa)
        }
        var fields = JWTHeader()
        fields.kid = name + generation
        for (field, value) in header { fields.fields[field] = value }
        return try await keys.sign(claims, header: fields)
    }

    /// The set of public keys, with one of a kind that is not known and one for encrypting.
    func keySet() throws -> JSONValue {
        let (modulus, exponent) = try rsa.publicKey.getKeyPrimitives()
        let point = ecdsa.parameters
        return [
            "keys": [
                ["kty": "oct", "k": "c2VjcmV0", "kid": "hmac", "alg": "HS256"],
                ["kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB", "kid": "enc"],
                [
                    "kty": "RSA", "use": "sig", "kid": .string("rsa" + generation),
                    "n": .string(Self.base64url(modulus)), "e": .string(Self.base64url(exponent)),
                ],
                [
                    "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": .string("ec" + generation),
                    "x": .string(Self.url(point?.x ?? "")), "y": .string(Self.url(point?.y ?? "")),
                ],
                [
                    "kty": "OKP", "crv": "Ed25519", "kid": .string("ed" + generation),
                    "x": .string(Self.base64url(eddsa.publicKey.rawRepresentation)),
                ],
            ]
        ]
    }

    func keySetBytes() throws -> [UInt8] { Array(try JSONEncoder().encode(try keySet())) }

    static func base64url(_ data: Data) -> String { url(data.base64EncodedString()) }

    private static func url(_ base64: String) -> String {
        base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
