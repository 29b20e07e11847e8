import Foundation
import JWTKit
import Logging
import Synchronization
import Testing

@testable import GoLive

/// Which tokens of an outside identity provider are good.
@Suite struct ExternalIdentityTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private static let now = WallClock.now()
    private static let seconds = Int(now / 1000)

    private static func identity(
        _ provider: TestProvider, audience: String? = nil, fetch: (@Sendable () async throws -> [UInt8])? = nil
    ) throws -> ExternalIdentity {
        let document = try provider.keySetBytes()
        return ExternalIdentity(
            .init(keySet: "", issuer: TestProvider.issuer, audience: audience), logger: logger,
            fetch: fetch ?? { document })
    }

    @Test(arguments: TestProvider.Algorithm.allCases)
    func `a token signed with a key of the set is good`(algorithm: TestProvider.Algorithm) async throws {
        let provider = try TestProvider()
        let token = try await provider.token(algorithm) {
            $0.preferredUsername = "ann"
            $0.email = "a.lee@example.org"
            $0.name = "Ann Lee"
        }
        let person = try await Self.identity(provider).person(of: token, at: Self.now)
        #expect(person?.externalID == "https://id.example.org/|auth0|1")
        #expect(person?.names == ["ann", "a.lee"] && person?.displayName == "Ann Lee")
    }

    @Test(arguments: TestProvider.Algorithm.allCases)
    func `a token signed with another key of the same name is not`(algorithm: TestProvider.Algorithm) async throws {
        let token = try await TestProvider().token(algorithm)
        #expect(try await Self.identity(try TestProvider()).person(of: token, at: Self.now) == nil)
    }

    @Test func `a token that was changed after signing is not`() async throws {
        let provider = try TestProvider()
        let identity = try Self.identity(provider)
        let parts = try await provider.token().split(separator: ".").map(String.init)
        let other = try await provider.token { $0.sub = "someone-else" }.split(separator: ".").map(String.init)
        #expect(await identity.person(of: parts.joined(separator: "."), at: Self.now) != nil)
        for forged in [[parts[0], other[1], parts[2]], [parts[0], parts[1], ""], ["", parts[1], parts[2]]] {
            #expect(await identity.person(of: forged.joined(separator: "."), at: Self.now) == nil)
        }
    }

    /// The public key's text is no secret (RFC 8725 §2.1).
    @Test func `a shared secret signs nothing, least of all a public key taken for one`() async throws {
        let provider = try TestProvider()
        let identity = try Self.identity(provider)
        let (modulus, _) = try provider.rsa.publicKey.getKeyPrimitives()
        let secrets = [
            Data(provider.rsa.publicKey.pemRepresentation.utf8), provider.rsa.publicKey.derRepresentation, modulus,
            Data("secret".utf8), Data(try provider.keySetBytes()),
        ]
        for secret in secrets {
            for name in ["rsa", "hmac", "ec"] {
                let keys = await JWTKeyCollection().add(
                    hmac: HMACKey(from: secret + Data(repeating: 0, count: 64)), digestAlgorithm: .sha256)
                let token = try await keys.sign(TestProvider.Claims(), kid: JWKIdentifier(string: name))
                #expect(await identity.person(of: token, at: Self.now) == nil)
            }
        }
    }

    @Test func `an unsigned token is not good`() async throws {
        let provider = try TestProvider()
        let claims = try await provider.token().split(separator: ".")[1]
        for header in [#"{"alg":"none"}"#, #"{"alg":"none","kid":"ec"}"#, #"{"alg":"None","kid":"rsa"}"#, #"{}"#] {
            let token = TestProvider.base64url(Data(header.utf8)) + ".\(claims)."
            #expect(try await Self.identity(provider).person(of: token, at: Self.now) == nil)
        }
    }

    @Test func `an extension that must be understood is not`() async throws {
        let provider = try TestProvider()
        let token = try await provider.token(header: ["crit": .array([.string("b64")])])
        #expect(try await Self.identity(provider).person(of: token, at: Self.now) == nil)
    }

    @Test func `the issuer is the one that was set`() async throws {
        let provider = try TestProvider()
        for issuer in ["https://id.example.org", "https://evil.example.org/", ""] {
            let token = try await provider.token { $0.iss = issuer }
            #expect(try await Self.identity(provider).person(of: token, at: Self.now) == nil)
        }
    }

    @Test(arguments: [("live", true), ("other", false), (nil, false)])
    func `the audience is the one that was set`(audience: String?, isGood: Bool) async throws {
        let provider = try TestProvider()
        let token = try await provider.token { $0.aud = audience }
        #expect(try await (Self.identity(provider, audience: "live").person(of: token, at: Self.now) != nil) == isGood)
        #expect(try await Self.identity(provider).person(of: token, at: Self.now) != nil)
    }

    @Test(arguments: [
        (60, nil, true), (-9, nil, true), (-11, nil, false), (60, 9, true), (60, 12, false), (nil, nil, false),
    ])
    func `a token is good in its time, give or take ten seconds`(exp: Int?, nbf: Int?, isGood: Bool) async throws {
        let provider = try TestProvider()
        let token = try await provider.token {
            $0.exp = exp.map { Self.seconds + $0 }
            $0.nbf = nbf.map { Self.seconds + $0 }
        }
        #expect(try await (Self.identity(provider).person(of: token, at: Self.now) != nil) == isGood)
    }

    @Test func `a token names somebody, in at most 255 bytes`() async throws {
        let provider = try TestProvider()
        for (subject, isGood) in [
            (nil, false), ("", false), (String(repeating: "x", count: 255), true),
            (String(repeating: "x", count: 256), false), ("a\u{0}", false),
        ] as [(String?, Bool)] {
            let token = try await provider.token { $0.sub = subject }
            #expect(try await (Self.identity(provider).person(of: token, at: Self.now) != nil) == isGood)
        }
    }

    @Test func `a key that is new to the set is fetched, and one that is gone opens nothing`() async throws {
        let old = try TestProvider(generation: "1")
        let new = try TestProvider(generation: "2")
        let endpoint = try Endpoint(old)
        let identity = try Self.identity(old) { try endpoint.fetch() }
        let oldToken = try await old.token()
        let newToken = try await new.token()
        #expect(await identity.person(of: oldToken, at: Self.now) != nil)
        try endpoint.become(new)
        #expect(await identity.person(of: newToken, at: Self.now) != nil)
        #expect(endpoint.fetches == 2)
        #expect(await identity.person(of: oldToken, at: Self.now) == nil)
    }

    @Test func `unknown keys cause one fetch a minute at most`() async throws {
        let provider = try TestProvider()
        let stranger = try await TestProvider(generation: "x").token()
        let endpoint = try Endpoint(provider)
        let identity = try Self.identity(provider) { try endpoint.fetch() }
        for (offset, fetches) in [(0, 2), (1, 2), (2, 2), (59_999, 2), (60_000, 3), (60_001, 3)] {
            #expect(await identity.person(of: stranger, at: Self.now + Int64(offset)) == nil)
            #expect(endpoint.fetches == fetches)
        }
    }

    @Test func `keys in use are fetched again after ten minutes, and kept when that fails`() async throws {
        let provider = try TestProvider()
        let token = try await provider.token { $0.exp = Self.seconds + 3600 }
        let endpoint = try Endpoint(provider)
        let identity = try Self.identity(provider) { try endpoint.fetch() }
        for offset in [0, 599_999] as [Int64] {
            #expect(await identity.person(of: token, at: Self.now + offset) != nil)
        }
        #expect(endpoint.fetches == 1)
        try endpoint.become(nil)
        for offset in [600_000, 600_001] as [Int64] {
            #expect(await identity.person(of: token, at: Self.now + offset) != nil)
        }
        #expect(endpoint.fetches == 2)
    }

    @Test func `without any keys a fetch is tried every few seconds`() async throws {
        let provider = try TestProvider()
        let token = try await provider.token()
        let endpoint = try Endpoint(provider)
        try endpoint.become(nil)
        let identity = try Self.identity(provider) { try endpoint.fetch() }
        #expect(await identity.person(of: token, at: Self.now) == nil)
        try endpoint.become(provider)
        #expect(await identity.person(of: token, at: Self.now + 4999) == nil)
        #expect(await identity.person(of: token, at: Self.now + 5000) != nil)
    }

    @Test func `a set comes from a file, and is refused when too large`() async throws {
        let provider = try TestProvider()
        let document = try provider.keySetBytes()
        try await withFolder { folder in
            let file = folder.appending(path: "keys.json")
            try Data(document).write(to: file)
            #expect(try await ProviderKeys.document(at: file.path) == document)
            try (Data(document) + Data(repeating: 0x20, count: ProviderKeys.sizeLimit)).write(to: file)
            await #expect(throws: (any Error).self) { try await ProviderKeys.document(at: file.path) }
            await #expect(throws: (any Error).self) { try await ProviderKeys.document(at: file.path + "x") }
        }
    }

    @Test func `a set comes from a URL, and is refused when too large`() async throws {
        let document = try TestProvider().keySetBytes()
        let server = KeySetServer(document)
        try await server.run { url in
            let fetched = try await ProviderKeys.document(at: url)
            #expect(fetched == document)
            await #expect(throws: (any Error).self) { try await ProviderKeys.document(at: url + "x") }
            server.serve(document + Array(repeating: 0x20, count: ProviderKeys.sizeLimit))
            await #expect(throws: (any Error).self) { try await ProviderKeys.document(at: url) }
        }
    }

    @Test(arguments: ["", "[]", "{}", #"{"keys": 1}"#, "nonsense"])
    func `what is no key set is refused`(text: String) {
        #expect(throws: (any Error).self) { try ProviderKeys(parsing: Array(text.utf8)) }
    }

    @Test(arguments: ["", ".", "..", "...", "a.b.c", "e30.e30.", "\u{0}.\u{0}.\u{0}", "a.b"])
    func `what is no token is nobody's`(text: String) async throws {
        #expect(try await Self.identity(try TestProvider()).person(of: text, at: Self.now) == nil)
    }

    /// A provider's endpoint that a test turns off and changes.
    private final class Endpoint: Sendable {
        struct Down: Error {}

        private let state: Mutex<(document: [UInt8]?, fetches: Int)>

        init(_ provider: TestProvider) throws {
            state = Mutex((try provider.keySetBytes(), 0))
        }

        var fetches: Int { state.withLock { $0.fetches } }

        /// - Parameter provider: nil: the endpoint is down.
        func become(_ provider: TestProvider?) throws {
            let document = try provider?.keySetBytes()
            state.withLock { $0.document = document }
        }

        func fetch() throws -> [UInt8] {
            try state.withLock { state in
                state.fetches += 1
                guard let document = state.document else { throw Down() }
                return document
            }
        }
    }
}
