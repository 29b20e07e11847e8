import COpenSSL
import Testing

@testable import Media

/// One end of a handshake by OpenSSL alone, which goes on to read and write records as `DTLSProtection` does.
private final class OpenSSLEnd {
    let ssl: OpaquePointer
    let wire: DTLSWire
    let role: DTLSRole

    init(_ role: DTLSRole, _ own: DTLSCertificate, peer: DTLSCertificate, cipher: String) throws {
        self.role = role
        ssl = try #require(SSL_new(own.context))
        wire = DTLSWire(peerFingerprint: peer.fingerprint)
        wire.attach(to: ssl)
        _ = golive_SSL_set_mtu(ssl, DTLSSession.maximumTransmissionUnit)
        #expect(SSL_set_cipher_list(ssl, cipher) == 1)
        if role == .client { SSL_set_connect_state(ssl) } else { SSL_set_accept_state(ssl) }
    }

    deinit { SSL_free(ssl) }

    /// What it says to a datagram, or at first.
    func shakeHands(_ datagram: [UInt8]?) -> [[UInt8]] {
        receive(datagram) { _ = SSL_do_handshake(ssl) }
        defer { wire.outbound = [] }
        return wire.outbound
    }

    func written(_ content: [UInt8]) -> [UInt8] {
        wire.outbound = []
        SSL_write(ssl, content, Int32(content.count))
        return wire.outbound.first ?? []
    }

    /// nil where it refuses.
    func read(_ datagram: [UInt8]) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 2048)
        var count: Int32 = 0
        receive(datagram) { count = SSL_read(ssl, &buffer, Int32(buffer.count)) }
        return count > 0 ? Array(buffer.prefix(Int(count))) : nil
    }

    private func receive(_ datagram: [UInt8]?, _ body: () -> Void) {
        guard let datagram else { return body() }
        datagram.withUnsafeBytes { bytes in
            wire.inbound = bytes
            body()
            wire.inbound = nil
        }
    }

    /// Takes over after the handshake, in which the first number went by.
    func protection() throws -> DTLSProtection {
        let written = try #require(wire.written)
        return try #require(DTLSProtection(after: ssl, role: role, written: written, heard: 1))
    }
}

/// Whole arrays, which unlike spans may stand in an expectation.
extension DTLSProtection {
    fileprivate func sealed(_ content: [UInt8]) -> [UInt8]? { seal(content.span.bytes, as: .applicationData) }
    fileprivate func opened(_ datagram: [UInt8]) -> [[UInt8]] {
        open(datagram.span.bytes).filter { $0.type == .applicationData }.map(\.content)
    }
}

@Suite struct `DTLS records` {
    static let ciphers = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305",
    ]

    /// Client and server after their handshake.
    private func ends(_ cipher: String) throws -> [OpenSSLEnd] {
        let (a, b) = (try DTLSCertificate(now: 1_800_000_000), try DTLSCertificate(now: 1_800_000_000))
        let ends = [
            try OpenSSLEnd(.client, a, peer: b, cipher: cipher), try OpenSSLEnd(.server, b, peer: a, cipher: cipher),
        ]
        var (datagrams, to) = (ends[0].shakeHands(nil), 1)
        while !datagrams.isEmpty {
            datagrams = datagrams.flatMap { ends[to].shakeHands($0) }
            to = 1 - to
        }
        #expect(ends.allSatisfy { SSL_is_init_finished($0.ssl) == 1 })
        return ends
    }

    @Test(arguments: ciphers)
    func `what OpenSSL writes is opened, and what is sealed is read by OpenSSL`(cipher: String) throws {
        let ends = try ends(cipher)
        let protections = [try ends[0].protection(), try ends[1].protection()]
        var generator = DTLSTestGenerator(3)
        for step in 0..<300 {
            let (from, to) = (step % 2, 1 - step % 2)
            let content = (0..<Int.random(in: 1...1150, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            #expect(protections[to].opened(ends[from].written(content)) == [content])
            let sealed = try #require(protections[from].sealed(content))
            #expect(ends[to].read(sealed) == content)
            #expect(ends[to].read(sealed) == nil, "a replay")
        }
    }

    @Test(arguments: ciphers)
    func `numbers and nonces go on where the handshake ended`(cipher: String) throws {
        let ends = try ends(cipher)
        for end in ends {
            let before = try #require(end.wire.written)
            let protection = try end.protection()
            for step in 1...3 as ClosedRange<UInt64> {
                let sealed = try #require(protection.sealed([1]))
                func number(at offset: Int) -> UInt64 {
                    sealed[offset..<offset + 8].reduce(0) { $0 << 8 | UInt64($1) }
                }
                #expect(number(at: 3) == 1 << 48 | before.number + step)
                guard !cipher.contains("CHACHA20") else { continue }
                #expect(number(at: 13) == before.explicitNonce &+ step)
            }
        }
    }

    @Test(arguments: ciphers)
    func `a record that was cut, changed, moved or heard before is dropped, and harms nothing`(cipher: String) throws {
        let ends = try ends(cipher)
        let protection = try ends[1].protection()
        let sealed = ends[0].written([9, 9, 9])
        for length in 0..<sealed.count {
            #expect(protection.opened(Array(sealed.prefix(length))).isEmpty, "\(length) bytes")
        }
        for bit in 0..<8 * sealed.count {
            var changed = sealed
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(protection.opened(changed).isEmpty, "bit \(bit)")
        }
        #expect(protection.opened(sealed + sealed) == [[9, 9, 9]])
        #expect(protection.opened(sealed).isEmpty)
    }

    @Test(arguments: ciphers)
    func `records may come in any order, and several in a datagram`(cipher: String) throws {
        let ends = try ends(cipher)
        let protection = try ends[1].protection()
        let sealed = (0..<200 as Range<UInt8>).map { ends[0].written([$0]) }
        #expect(protection.opened(sealed[150] + sealed[149] + sealed[151]) == [[150], [149], [151]])
        #expect(protection.opened(sealed[40]) == [[40]])
        #expect(protection.opened(sealed[199]) == [[199]])
        #expect(protection.opened(sealed[39]).isEmpty, "older than the window")
    }
}
