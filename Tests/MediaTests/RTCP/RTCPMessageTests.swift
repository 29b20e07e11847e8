import Media
import Testing

/// Messages against bytes laid out by hand from their RFCs.
@Suite struct RTCPMessageTests {
    private func single(_ text: String) throws -> RTCPPacket {
        let bytes = hex(text)
        let packets = try RTCPCompound.parse(bytes.span.bytes)
        try #require(packets.count == 1)
        #expect(RTCPCompound.serialize(packets) == bytes)
        return packets[0]
    }

    @Test func `a sender report (RFC 3550 §6.4.1)`() throws {
        let packet = try single(
            """
            81C8000C 00000001 83AA7E80 80000000 00015F90 00000005 00001770
            11223344 40FFFFFE 0001FFFE 0000005A AABBCCDD 00010000
            """)
        guard case .senderReport(let report) = packet else {
            Issue.record("\(packet)")
            return
        }
        #expect(report.ssrc == 1)
        // 1970-01-01 00:00:00.5
        #expect(report.ntpTime.unixNanoseconds == 500_000_000)
        #expect(report.ntpTime.middle == 0x7E80_8000)
        #expect(report.rtpTimestamp == 90_000)
        #expect(report.packetCount == 5)
        #expect(report.octetCount == 6000)
        #expect(report.reports == [RTCPPacketTests.block])
    }

    @Test func `a profile's extension behind the report blocks is ignored`() throws {
        let bytes = hex("80C90003 00000001 DEADBEEF DEADBEEF")
        #expect(try RTCPCompound.parse(bytes.span.bytes) == [.receiverReport(ReceiverReport(ssrc: 1))])
    }

    @Test func `cumulative loss saturates at 24 bits`() throws {
        for (given, kept) in [(Int32.max, 0x7F_FFFF), (.min, -0x80_0000), (-1, -1)] as [(Int32, Int32)] {
            var block = RTCPPacketTests.block
            block.cumulativeLost = given
            let bytes = RTCPCompound.serialize([.receiverReport(ReceiverReport(ssrc: 1, reports: [block]))])
            block.cumulativeLost = kept
            #expect(
                try RTCPCompound.parse(bytes.span.bytes) == [.receiverReport(ReceiverReport(ssrc: 1, reports: [block]))]
            )
        }
    }

    @Test func `an SDES chunk ends in one to four nulls (RFC 3550 §6.5)`() throws {
        let packet = try single("82CA0005 00000001 01026162 00000000 00000002 01016100")
        #expect(
            packet
                == .sourceDescription(
                    SourceDescription(chunks: [.init(ssrc: 1, cname: "ab"), .init(ssrc: 2, cname: "a")])))
    }

    @Test func `a BYE with a reason (RFC 3550 §6.6)`() throws {
        #expect(try single("81CB0002 00000007 03666F6F") == .goodbye(Goodbye(ssrcs: [7], reason: "foo")))
    }

    @Test func `a PLI (RFC 4585 §6.3.1) and a FIR (RFC 5104 §4.3.1)`() throws {
        #expect(
            try single("81CE0002 00000001 00000002")
                == .pictureLossIndication(PictureLossIndication(senderSSRC: 1, mediaSSRC: 2)))
        #expect(
            try single("84CE0004 00000001 00000000 00000002 07000000")
                == .fullIntraRequest(
                    FullIntraRequest(senderSSRC: 1, entries: [.init(ssrc: 2, sequenceNumber: 7)])))
    }

    @Test func `a NACK names a packet and a mask of the sixteen behind it (RFC 4585 §6.2.1)`() throws {
        #expect(
            try single("81CD0004 00000001 00000002 FFFE8005 00640000")
                == .nack(Nack(senderSSRC: 1, mediaSSRC: 2, sequenceNumbers: [65534, 65535, 1, 14, 100])))
    }

    @Test func `a REMB is a mantissa of 18 bits and an exponent (draft-alvestrand-rmcat-remb-03)`() throws {
        // 0x3D090 << 2
        #expect(
            try single("8FCE0005 00000001 00000000 52454D42 010BD090 00000002")
                == .remb(REMB(senderSSRC: 1, bitrate: 1_000_000, ssrcs: [2])))
        let tooLarge = hex("8FCE0004 00000001 00000000 52454D42 00FFFFFF")
        #expect(throws: ParseError.malformed("REMB bitrate")) { try RTCPCompound.parse(tooLarge.span.bytes) }
    }

    @Test(arguments: [0, 1, 0x3FFFF, 0x40000, 2_500_000, 123_456_789, .max] as [UInt64])
    func `a REMB never says more than was meant, and at most 2⁻¹⁷ less`(bitrate: UInt64) throws {
        let bytes = RTCPCompound.serialize([.remb(REMB(senderSSRC: 1, bitrate: bitrate, ssrcs: []))])
        guard case .remb(let remb) = try RTCPCompound.parse(bytes.span.bytes)[0] else {
            Issue.record("no REMB")
            return
        }
        #expect(remb.bitrate <= bitrate)
        #expect(bitrate - remb.bitrate <= bitrate >> 17)
    }

    @Test func `XR blocks of other kinds are skipped (RFC 3611 §3)`() throws {
        let bytes = hex(
            "80CF0009 00000001 01000001 DEADBEEF 04000002 00000000 00000007 05000003 00000002 00000003 00000004"
        )
        var fixed = bytes
        fixed[3] = UInt8(bytes.count / 4 - 1)
        #expect(
            try RTCPCompound.parse(fixed.span.bytes) == [
                .extendedReports(
                    ExtendedReports(
                        ssrc: 1, receiverReferenceTime: NTPTime(rawValue: 7),
                        delays: [.init(ssrc: 2, lastRR: 3, delaySinceLastRR: 4)]))
            ])
    }

    @Test func `a round trip is A − LSR − DLSR (RFC 3550 figure 2)`() {
        // The figure's numbers: A = 0xb710:8000, LSR = 0xb705:2000, DLSR = 0x0005:4000, delay = 6.125 s.
        var block = RTCPPacketTests.block
        block.lastSR = 0xB705_2000
        block.delaySinceLastSR = 0x0005_4000
        #expect(block.roundTrip(receivedAt: NTPTime(rawValue: 0xB710_8000 << 16)) == .milliseconds(6125))
        #expect(block.roundTrip(receivedAt: NTPTime(rawValue: 0xB70A_5FFF << 16)) == nil)
        block.lastSR = 0
        #expect(block.roundTrip(receivedAt: NTPTime(rawValue: 0xB710_8000 << 16)) == nil)
    }

    @Test(arguments: [0, 1, 999_999_999, 1_700_000_000_123_456_789, -1, -2_208_988_800_000_000_000] as [Int64])
    func `an NTP time gives its nanosecond back`(nanoseconds: Int64) {
        #expect(NTPTime(unixNanoseconds: nanoseconds).unixNanoseconds == nanoseconds)
    }

    @Test func `the short form counts 1/65536 s`() {
        #expect(Duration.seconds(1).ntpShort == 65536)
        #expect(Duration.milliseconds(500).ntpShort == 32768)
        #expect(Duration.seconds(-1).ntpShort == 0)
        #expect(Duration.seconds(1_000_000).ntpShort == .max)
        #expect(Duration(ntpShort: 0x0001_8000) == .milliseconds(1500))
    }
}
