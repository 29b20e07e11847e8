import Testing

@testable import Media

@Suite struct `Certificate fingerprint` {
    @Test func `what SDP says is read and written back`() throws {
        let fingerprint = try #require(Fingerprint(sdpValue: "SHA-256 0a:FF:7b"))
        #expect(fingerprint == Fingerprint(algorithm: "sha-256", bytes: [10, 255, 123]))
        #expect(fingerprint.sdpValue == "sha-256 0A:FF:7B")
        #expect(Fingerprint(sdpValue: fingerprint.sdpValue) == fingerprint)
    }

    @Test(arguments: [
        "", "sha-256", "sha-256 ", "sha-256 A", "sha-256 AA:", "sha-256 :AA", "sha-256 AABB", "sha-256 +A:BB",
        "sha-256 GG", "sha-256 AA:BB CC", "sha-256 ÀÀ",
    ])
    func `anything else is refused`(text: String) {
        #expect(Fingerprint(sdpValue: text) == nil)
    }

    @Test func `every certificate has its own`() throws {
        let (a, b) = (try DTLSCertificate(now: 1_800_000_000), try DTLSCertificate(now: 1_800_000_000))
        #expect(a.fingerprint != b.fingerprint)
        #expect(a.fingerprint.algorithm == "sha-256")
        #expect(a.fingerprint.bytes.count == 32)
    }
}
