import Testing

@testable import Media

/// Packets as arrays, for tests.
extension SRTPSealer {
    func sealed(_ kind: SRTPPacket, _ packet: [UInt8]) throws(SRTPError) -> [UInt8] {
        let canary: [UInt8] = [0xc0, 0xff, 0xee]
        var buffer = packet + [UInt8](repeating: 0, count: Self.maximumOverhead) + canary
        let length = try buffer.withMemory { (bytes) throws(SRTPError) in
            switch kind {
            case .rtp: try seal(rtp: bytes, length: packet.count)
            case .rtcp: try seal(rtcp: bytes, length: packet.count)
            }
        }
        #expect(Array(buffer.suffix(3)) == canary, "wrote beyond maximumOverhead")
        return Array(buffer.prefix(length))
    }
}

extension SRTPOpener {
    func opened(_ kind: SRTPPacket, _ packet: [UInt8]) throws(SRTPError) -> [UInt8] {
        var buffer = packet
        let length = try buffer.withMemory { (bytes) throws(SRTPError) in
            switch kind {
            case .rtp: try open(rtp: bytes, length: packet.count)
            case .rtcp: try open(rtcp: bytes, length: packet.count)
            }
        }
        return Array(buffer.prefix(length))
    }
}

extension [UInt8] {
    /// Lends the array's memory, which it has even when empty.
    mutating func withMemory<R>(
        _ body: (UnsafeMutableRawPointer) throws(SRTPError) -> R
    ) throws(SRTPError) -> R {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count + 1, alignment: 1)
        defer { memory.deallocate() }
        memory.copyBytes(from: self)
        defer { self = Array(memory.prefix(count)) }
        return try body(memory.baseAddress!)
    }
}

struct SRTPPair {
    let sealer: SRTPSealer
    let opener: SRTPOpener

    init(_ profile: SRTPProfile) throws {
        let key = (0..<profile.keyLength).map { UInt8($0 &* 7) }
        let salt = (0..<profile.saltLength).map { UInt8(200 &- $0) }
        sealer = try SRTPSealer(profile: profile, key: key, salt: salt)
        opener = try SRTPOpener(profile: profile, key: key, salt: salt)
    }
}

func rtpPacket(ssrc: UInt32, sequence: UInt16, payload: [UInt8] = Array(repeating: 0xab, count: 40)) -> [UInt8] {
    var packet: [UInt8] = [0x80, 96, UInt8(sequence >> 8), UInt8(truncatingIfNeeded: sequence), 0, 0, 0, 1]
    withUnsafeBytes(of: ssrc.bigEndian) { packet += $0 }
    return packet + payload
}

func rtcpPacket(ssrc: UInt32) -> [UInt8] {
    var packet: [UInt8] = [0x80, 201, 0, 1]
    withUnsafeBytes(of: ssrc.bigEndian) { packet += $0 }
    return packet
}

@Suite struct `SRTP` {
    // MARK: - Vectors

    /// Master keys and salts with what they make of two packets, as libsrtp's own driver publishes them. The first pair
    /// is RFC 3711 Appendix B.3's, so its session keys are that appendix's.
    @Test(
        arguments: [
            (
                .aes128CMHMACSHA1_80, "e1f97a0d3e018be0d64fa32c06de4139", "0ec675ad498afeebb6960b3aabe6",
                "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb",
                "81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798"
            ),
            (
                .aeadAES128GCM, "000102030405060708090a0b0c0d0e0f", "a0a1a2a3a4a5a6a7a8a9aaab",
                "800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a392",
                "81c8000bcafebabec98b8b5df0392a55852b6c21ac8e7025c52c6fbea2b3b446ea31123ba88ce61e80000001"
            ),
        ] as [(SRTPProfile, String, String, String, String)])
    func `published vectors are met`(
        profile: SRTPProfile, key: String, salt: String, srtp: String, srtcp: String
    ) throws {
        let (key, salt) = ([UInt8](hex: key), [UInt8](hex: salt))
        let sealer = try SRTPSealer(profile: profile, key: key, salt: salt)
        let opener = try SRTPOpener(profile: profile, key: key, salt: salt)
        let rtp = [UInt8](hex: "800f1234decafbadcafebabe") + [UInt8](repeating: 0xab, count: 16)
        let rtcp = [UInt8](hex: "81c8000bcafebabe") + [UInt8](repeating: 0xab, count: 16)
        #expect(try sealer.sealed(.rtp, rtp) == [UInt8](hex: srtp))
        #expect(try opener.opened(.rtp, [UInt8](hex: srtp)) == rtp)
        #expect(try sealer.sealed(.rtcp, rtcp) == [UInt8](hex: srtcp))
        #expect(try opener.opened(.rtcp, [UInt8](hex: srtcp)) == rtcp)
    }

    // MARK: - Round trips

    @Test(arguments: SRTPProfile.allCases)
    func `packets come back whole across the sequence number's rollover`(profile: SRTPProfile) throws {
        let pair = try SRTPPair(profile)
        for step in 0..<2000 {
            let sequence = UInt16(truncatingIfNeeded: 64_600 + step)
            let packet = rtpPacket(
                ssrc: 5, sequence: sequence, payload: Array(repeating: UInt8(step & 255), count: step % 1200))
            let sealed = try pair.sealer.sealed(.rtp, packet)
            #expect(sealed.count == packet.count + profile.tagLength)
            #expect(try pair.opener.opened(.rtp, sealed) == packet)
        }
        for _ in 0..<20 {
            let packet = rtcpPacket(ssrc: 5)
            let sealed = try pair.sealer.sealed(.rtcp, packet)
            #expect(sealed.count == packet.count + profile.tagLength + SRTPProfile.srtcpIndexLength)
            #expect(try pair.opener.opened(.rtcp, sealed) == packet)
        }
    }

    @Test(arguments: SRTPProfile.allCases)
    func `what one handshake gives each end opens what the other seals`(profile: SRTPProfile) throws {
        let link = try SimulatedLink(clientProfiles: [profile])
        link.run()
        let keys = try #require(link.keys())
        for (from, to) in [(keys.client, keys.server), (keys.server, keys.client)] {
            let sealer = try SRTPSealer(profile: from.profile, key: from.localKey, salt: from.localSalt)
            let opener = try SRTPOpener(profile: to.profile, key: to.remoteKey, salt: to.remoteSalt)
            let packet = rtpPacket(ssrc: 1, sequence: 1)
            #expect(try opener.opened(.rtp, sealer.sealed(.rtp, packet)) == packet)
        }
    }

    @Test(arguments: SRTPProfile.allCases)
    func `reordered packets are opened within the window and refused beyond it`(profile: SRTPProfile) throws {
        let pair = try SRTPPair(profile)
        let sealed = try (0..<1500).map { try pair.sealer.sealed(.rtp, rtpPacket(ssrc: 1, sequence: UInt16($0))) }
        _ = try pair.opener.opened(.rtp, sealed[1499])
        #expect(throws: SRTPError.replay) { try pair.opener.opened(.rtp, sealed[400]) }
        _ = try pair.opener.opened(.rtp, sealed[500])
    }

    @Test(arguments: SRTPProfile.allCases)
    func `sealing a packet again gives the same bytes`(profile: SRTPProfile) throws {
        let pair = try SRTPPair(profile)
        let packet = rtpPacket(ssrc: 1, sequence: 9)
        #expect(try pair.sealer.sealed(.rtp, packet) == pair.sealer.sealed(.rtp, packet))
    }

    // MARK: - Refusals

    @Test(arguments: SRTPProfile.allCases)
    func `a replay is refused`(profile: SRTPProfile) throws {
        let pair = try SRTPPair(profile)
        let rtp = try pair.sealer.sealed(.rtp, rtpPacket(ssrc: 1, sequence: 1))
        let rtcp = try pair.sealer.sealed(.rtcp, rtcpPacket(ssrc: 1))
        _ = try pair.opener.opened(.rtp, rtp)
        _ = try pair.opener.opened(.rtcp, rtcp)
        #expect(throws: SRTPError.replay) { try pair.opener.opened(.rtp, rtp) }
        #expect(throws: SRTPError.replay) { try pair.opener.opened(.rtcp, rtcp) }
    }

    @Test(arguments: SRTPProfile.allCases)
    func `a packet changed at any byte is refused`(profile: SRTPProfile) throws {
        let pair = try SRTPPair(profile)
        let rtp = try pair.sealer.sealed(.rtp, rtpPacket(ssrc: 1, sequence: 1))
        let rtcp = try pair.sealer.sealed(.rtcp, rtcpPacket(ssrc: 1))
        for index in rtp.indices {
            var changed = rtp
            changed[index] ^= 0x10
            #expect(throws: SRTPError.self, "byte \(index)") { try pair.opener.opened(.rtp, changed) }
        }
        for index in rtcp.indices {
            var changed = rtcp
            changed[index] ^= 0x10
            #expect(throws: SRTPError.self, "byte \(index)") { try pair.opener.opened(.rtcp, changed) }
        }
        #expect(pair.opener.sourceCount == 0)
        _ = try pair.opener.opened(.rtp, rtp)
        _ = try pair.opener.opened(.rtcp, rtcp)
    }

    @Test(arguments: SRTPProfile.allCases)
    func `a packet cut at any byte is refused`(profile: SRTPProfile) throws {
        let pair = try SRTPPair(profile)
        for kind in [SRTPPacket.rtp, .rtcp] {
            let packet = kind == .rtp ? rtpPacket(ssrc: 1, sequence: 1) : rtcpPacket(ssrc: 1)
            let sealed = try pair.sealer.sealed(kind, packet)
            for length in 0..<sealed.count {
                #expect(throws: SRTPError.self) { try pair.opener.opened(kind, Array(sealed.prefix(length))) }
            }
            let header = kind == .rtp ? 12 : 8
            for length in 0..<header {
                #expect(throws: SRTPError.malformed) { try pair.sealer.sealed(kind, Array(packet.prefix(length))) }
                #expect(throws: SRTPError.malformed) { try pair.opener.opened(kind, Array(sealed.prefix(length))) }
            }
        }
    }

    @Test(arguments: SRTPProfile.allCases)
    func `headers that promise more than there is are refused`(profile: SRTPProfile) throws {
        let pair = try SRTPPair(profile)
        for first in [0x8f, 0x90] as [UInt8] {
            var packet = rtpPacket(ssrc: 1, sequence: 1, payload: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
            packet[0] = first
            #expect(throws: SRTPError.malformed) { try pair.sealer.sealed(.rtp, packet) }
            #expect(throws: SRTPError.malformed) { try pair.opener.opened(.rtp, packet) }
        }
        let giant = rtpPacket(ssrc: 1, sequence: 1, payload: Array(repeating: 0, count: 3000))
        #expect(throws: SRTPError.malformed) { try pair.sealer.sealed(.rtp, giant) }
        #expect(throws: SRTPError.malformed) { try pair.opener.opened(.rtp, giant) }
    }

    @Test(arguments: SRTPProfile.allCases)
    func `random bytes open as nothing`(profile: SRTPProfile) throws {
        let pair = try SRTPPair(profile)
        var generator = DTLSTestGenerator(3)
        for _ in 0..<2000 {
            let noise = (0..<Int.random(in: 0..<100, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            #expect(throws: SRTPError.self) { try pair.opener.opened(.rtp, noise) }
            #expect(throws: SRTPError.self) { try pair.opener.opened(.rtcp, noise) }
        }
        #expect(pair.opener.sourceCount == 0)
    }

    @Test(arguments: SRTPProfile.allCases)
    func `a key or salt of the wrong length is refused`(profile: SRTPProfile) {
        let key = [UInt8](repeating: 0, count: profile.keyLength),
            salt = [UInt8](repeating: 0, count: profile.saltLength)
        #expect(throws: SRTPError.keyLength) { try SRTPSealer(profile: profile, key: key + [0], salt: salt) }
        #expect(throws: SRTPError.keyLength) { try SRTPOpener(profile: profile, key: key, salt: []) }
    }

    // MARK: - Sources

    @Test(arguments: SRTPProfile.allCases)
    func `ten thousand forged sources leave nothing behind`(profile: SRTPProfile) throws {
        let pair = try SRTPPair(profile)
        let real = try pair.sealer.sealed(.rtp, rtpPacket(ssrc: 1, sequence: 1))
        let report = try pair.sealer.sealed(.rtcp, rtcpPacket(ssrc: 1))
        for ssrc in 1...10_000 as ClosedRange<UInt32> {
            var forged = real
            withUnsafeBytes(of: ssrc.bigEndian) { forged.replaceSubrange(8..<12, with: $0) }
            forged[20] ^= 1
            #expect(throws: SRTPError.authentication) { try pair.opener.opened(.rtp, forged) }
            var forgedReport = report
            withUnsafeBytes(of: ssrc.bigEndian) { forgedReport.replaceSubrange(4..<8, with: $0) }
            forgedReport[9] ^= 1
            #expect(throws: SRTPError.authentication) { try pair.opener.opened(.rtcp, forgedReport) }
        }
        #expect(pair.opener.sourceCount == 0)
        _ = try pair.opener.opened(.rtp, real)
        #expect(pair.opener.sourceCount == 1)
    }

    @Test(arguments: SRTPProfile.allCases)
    func `one peer has so many sources, and forgetting one makes room`(profile: SRTPProfile) throws {
        let pair = try SRTPPair(profile)
        let last = UInt32(SRTPOpener.maximumSources)
        for ssrc in 1...last {
            _ = try pair.opener.opened(.rtp, pair.sealer.sealed(.rtp, rtpPacket(ssrc: ssrc, sequence: 1)))
        }
        let extra = try pair.sealer.sealed(.rtp, rtpPacket(ssrc: last + 1, sequence: 1))
        #expect(throws: SRTPError.tooManySources) { try pair.opener.opened(.rtp, extra) }
        let report = try pair.sealer.sealed(.rtcp, rtcpPacket(ssrc: last + 1))
        #expect(throws: SRTPError.tooManySources) { try pair.opener.opened(.rtcp, report) }
        _ = try pair.opener.opened(.rtcp, pair.sealer.sealed(.rtcp, rtcpPacket(ssrc: last)))
        pair.opener.forget(ssrc: 3)
        #expect(pair.opener.sourceCount == SRTPOpener.maximumSources - 1)
        _ = try pair.opener.opened(.rtp, extra)
        let former = try pair.sealer.sealed(.rtp, rtpPacket(ssrc: 3, sequence: 2))
        #expect(throws: SRTPError.tooManySources) { try pair.opener.opened(.rtp, former) }
    }

    @Test func `a forgotten source is never sealed again`() throws {
        let pair = try SRTPPair(.aeadAES128GCM)
        _ = try pair.sealer.sealed(.rtp, rtpPacket(ssrc: 1, sequence: 1))
        pair.sealer.forget(ssrc: 1)
        pair.sealer.forget(ssrc: 2)
        #expect(throws: SRTPError.retiredSource) { try pair.sealer.sealed(.rtp, rtpPacket(ssrc: 1, sequence: 2)) }
        #expect(throws: SRTPError.retiredSource) { try pair.sealer.sealed(.rtcp, rtcpPacket(ssrc: 1)) }
        _ = try pair.sealer.sealed(.rtp, rtpPacket(ssrc: 2, sequence: 1))
    }
}
