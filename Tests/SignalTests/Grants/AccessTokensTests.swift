import Relay
import Testing

@testable import Signal

@Suite struct AccessTokensTests {
    let tokens = AccessTokens(keys: ["devkey": "secret", "other": String(repeating: "long", count: 30)])
    let now: Int64 = 1_700_000_100

    /// Made by LiveKit's Python SDK (livekit-api 1.2.2) with devkey and secret, but for its dates.
    static let sdkToken = [
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
        "eyJuYW1lIjoiQWxpY2UiLCJtZXRhZGF0YSI6IntcImFcIjoxfSIsInZpZGVvIjp7InJvb21Kb2luIjp0cnVlLCJyb29tIjoicjEiLCJj"
            + "YW5QdWJsaXNoIjp0cnVlLCJjYW5TdWJzY3JpYmUiOnRydWUsImNhblB1Ymxpc2hEYXRhIjp0cnVlLCJjYW5QdWJsaXNoU291cmNlcyI6"
            + "WyJjYW1lcmEiLCJtaWNyb3Bob25lIl0sImNhblVwZGF0ZU93bk1ldGFkYXRhIjp0cnVlfSwiYXR0cmlidXRlcyI6eyJrIjoidiJ9LCJz"
            + "dWIiOiJhbGljZSIsImlzcyI6ImRldmtleSIsIm5iZiI6MTcwMDAwMDAwMCwiZXhwIjo0OTQ4ODQzOTQ4fQ",
        "A0w-mUr6mLyTFIQcwIzc-Od6AxanFi4DJdaCNPQx2AQ",
    ].joined(separator: ".")

    @Test func `a token of LiveKit's SDK is read in full`() async throws {
        let grant = try await tokens.verify(Self.sdkToken, at: now)
        #expect(grant.identity == "alice")
        #expect(grant.name == "Alice")
        #expect(grant.metadata == #"{"a":1}"#)
        #expect(grant.attributes == ["k": "v"])
        #expect(grant.room == "r1")
        #expect(grant.roomJoin && !grant.roomAdmin && !grant.hidden)
        #expect(grant.canPublishSources == ["camera", "microphone"])
        #expect(grant.expiresAt == 4_948_843_948)
        #expect(grant.issuedAt == 1_700_000_000)
        #expect(grant.apiKey == "devkey")
        #expect(grant.permission.publishSources == [.camera, .microphone])
        #expect(grant.permission.canUpdateOwnMetadata)
    }

    @Test func `a fractional expiry is read, and unset permissions are allowed`() async throws {
        let token =
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ2aWRlbyI6eyJyb29tSm9pbiI6dHJ1ZSwicm9vbSI6InIxIn0sInN1YiI6ImJvYiIs"
            + "ImlzcyI6ImRldmtleSIsImV4cCI6NDk0ODg0Mzk0OC43NX0.ds06yUTeCNR4JIhs9pQYyC4rEdPPtwIb7-Og_tFXwDk"
        let grant = try await tokens.verify(token, at: now)
        #expect(grant.expiresAt == 4_948_843_948)
        #expect(grant.issuedAt == nil)
        #expect(grant.permission == Permission(canSubscribe: true, canPublish: true, canPublishData: true))
    }

    @Test(arguments: ["devkey", "other"])
    func `what is issued is read back`(key: String) async throws {
        let grant = Grant(
            identity: "bob", name: "Bob", metadata: "m", attributes: ["a": "b"], room: "r", roomJoin: true,
            roomAdmin: true, roomCreate: true, roomList: true, hidden: true, canPublish: false, canSubscribe: true,
            canPublishData: true, canUpdateOwnMetadata: true, canPublishSources: ["camera"], kind: "agent")
        let token = try await tokens.issue(grant, apiKey: key, ttl: .seconds(60), at: now)
        var read = try await tokens.verify(token, at: now)
        #expect(read.expiresAt == now + 60)
        #expect(read.issuedAt == now)
        #expect(read.apiKey == key)
        #expect(!read.fingerprint.isEmpty)
        read.expiresAt = 0
        read.issuedAt = nil
        read.apiKey = ""
        read.fingerprint = ""
        #expect(read == grant)
    }

    @Test func `a token we issue states what it does not allow`() async throws {
        let token = try await tokens.issue(
            Grant(identity: "v", room: "r", roomJoin: true, canSubscribe: true), ttl: .seconds(60), at: now)
        #expect(try await tokens.verify(token, at: now).permission == Permission(canSubscribe: true))
    }

    @Test func `sources of which none is known allow no publishing`() {
        let grant = Grant(identity: "x", canPublish: true, canPublishSources: ["hologram"])
        #expect(!grant.permission.canPublish)
    }

    @Test func `a token is good from its start to its end, with ten seconds of grace`() async throws {
        let grant = Grant(identity: "v", room: "r", roomJoin: true)
        let token = try await tokens.issue(grant, ttl: .seconds(60), at: now)
        await #expect(throws: Never.self) { try await tokens.verify(token, at: now - 10) }
        await #expect(throws: Never.self) { try await tokens.verify(token, at: now + 69) }
        await #expect(throws: GrantError.notYetValid) { try await tokens.verify(token, at: now - 11) }
        await #expect(throws: GrantError.expired) { try await tokens.verify(token, at: now + 70) }
    }

    @Test func `refusals name their cause`() async throws {
        let good = Grant(identity: "v", room: "r", roomJoin: true)
        let foreign = try await AccessTokens(keys: ["devkey": "another"]).issue(good, ttl: .seconds(60), at: now)
        await #expect(throws: GrantError.badSignature) { try await tokens.verify(foreign, at: now) }
        let unknown = try await AccessTokens(keys: ["nokey": "secret"]).issue(good, ttl: .seconds(60), at: now)
        await #expect(throws: GrantError.unknownKey) { try await tokens.verify(unknown, at: now) }
        let nobody = try await tokens.issue(Grant(identity: "", room: "r", roomJoin: true), ttl: .seconds(60), at: now)
        await #expect(throws: GrantError.missingIdentity) { try await tokens.verify(nobody, at: now) }
        let nowhere = try await tokens.issue(Grant(identity: "v", roomJoin: true), ttl: .seconds(60), at: now)
        await #expect(throws: GrantError.missingRoom) { try await tokens.verify(nowhere, at: now) }
        await #expect(throws: GrantError.tooLong) {
            try await tokens.verify(String(repeating: "a", count: 20_000), at: now)
        }
        // {"alg":"none"} with the same claims and no signature.
        let parts = Self.sdkToken.split(separator: ".")
        await #expect(throws: GrantError.malformed) {
            try await tokens.verify("eyJhbGciOiJub25lIn0.\(parts[1]).", at: now)
        }
    }

    @Test func `a token cut at any byte is refused`() async {
        let bytes = Array(Self.sdkToken.utf8)
        for length in stride(from: 0, to: bytes.count, by: 7) {
            await #expect(throws: GrantError.self) {
                try await tokens.verify(String(decoding: bytes.prefix(length), as: UTF8.self), at: now)
            }
        }
    }
}
