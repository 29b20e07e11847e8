import Foundation
import Testing

@testable import Media

@Suite struct `DTLS with browsers` {
    static let captures = [
        "chromium156_clienthello", "firefox153_clienthello", "firefox153_clienthello_retransmitted",
    ]

    static func datagrams(_ name: String) throws -> [[UInt8]] {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/dtls/\(name)", withExtension: "hex"))
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map { [UInt8](hex: String($0)) }
    }

    func server() throws -> DTLSSession {
        DTLSSession(
            role: .server, certificate: try DTLSCertificate(now: 1_800_000_000),
            peerFingerprint: Fingerprint(algorithm: "sha-256", bytes: [UInt8](repeating: 0xaa, count: 32)),
            now: Instant(nanoseconds: 0))
    }

    /// The use_srtp extension of a ServerHello that names AEAD_AES_128_GCM and no MKI (RFC 5764 §4.1.1).
    static let picksGCM: [UInt8] = [0x00, 0x0e, 0x00, 0x05, 0x00, 0x02, 0x00, 0x07, 0x00]

    func expectServerHello(_ output: DTLSSession.Output) throws {
        #expect(output.events == [])
        let first = try #require(output.datagrams.first)
        #expect(first.starts(with: [22, 0xfe, 0xfd, 0, 0]))
        #expect(first[13] == 2, "ServerHello")
        let picks = first.indices.dropLast(Self.picksGCM.count - 1).contains {
            first[$0...].starts(with: Self.picksGCM)
        }
        #expect(picks)
        #expect(output.datagrams.allSatisfy { $0.count <= DTLSSession.maximumTransmissionUnit })
    }

    @Test(arguments: captures)
    func `a ClientHello in two datagrams is answered with GCM`(name: String) throws {
        let (datagrams, server) = (try Self.datagrams(name), try server())
        #expect(datagrams.count == 2)
        #expect(server.receive(datagrams[0], now: Instant(nanoseconds: 0)) == DTLSSession.Output())
        try expectServerHello(server.receive(datagrams[1], now: Instant(nanoseconds: 1_000_000)))
    }

    @Test(arguments: captures)
    func `the two datagrams may come in either order`(name: String) throws {
        let (datagrams, server) = (try Self.datagrams(name), try server())
        #expect(server.receive(datagrams[1], now: Instant(nanoseconds: 0)) == DTLSSession.Output())
        try expectServerHello(server.receive(datagrams[0], now: Instant(nanoseconds: 1_000_000)))
    }

    @Test func `a retransmission in smaller fragments completes the first attempt`() throws {
        let server = try server()
        let (first, again) = (
            try Self.datagrams("firefox153_clienthello"), try Self.datagrams("firefox153_clienthello_retransmitted")
        )
        #expect(server.receive(first[0], now: Instant(nanoseconds: 0)) == DTLSSession.Output())
        #expect(server.receive(again[0], now: Instant(nanoseconds: 0)) == DTLSSession.Output())
        try expectServerHello(server.receive(again[1], now: Instant(nanoseconds: 1_000_000)))
    }

    @Test(arguments: captures)
    func `a ClientHello cut at any byte is not answered`(name: String) throws {
        let (datagrams, server) = (try Self.datagrams(name), try server())
        for datagram in datagrams {
            for length in 0..<datagram.count {
                let cut = Array(datagram.prefix(length))
                #expect(server.receive(cut, now: Instant(nanoseconds: 0)) == DTLSSession.Output())
            }
        }
        #expect(server.receive(datagrams[0], now: Instant(nanoseconds: 0)) == DTLSSession.Output())
        try expectServerHello(server.receive(datagrams[1], now: Instant(nanoseconds: 1_000_000)))
    }
}
