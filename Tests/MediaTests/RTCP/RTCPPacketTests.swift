import Media
import Testing

@Suite struct RTCPPacketTests {
    static let block = ReportBlock(
        ssrc: 0x1122_3344, fractionLost: 64, cumulativeLost: -2, highestSequence: 0x0001_FFFE, jitter: 90,
        lastSR: 0xAABB_CCDD, delaySinceLastSR: 65536)

    /// One of each kind, transport feedback last as it may be padded.
    static let packets: [RTCPPacket] = [
        .senderReport(
            SenderReport(
                ssrc: 1, ntp: 0xE000_0001_8000_0000, rtpTimestamp: 90_000, packetCount: 5, octetCount: 6000,
                reports: [block, block])),
        .receiverReport(ReceiverReport(ssrc: 2, reports: [block])),
        .receiverReport(ReceiverReport(ssrc: 2)),
        .sourceDescription(
            SourceDescription(chunks: [
                .init(ssrc: 1, cname: "abc"), .init(ssrc: 2, cname: "abcdef"), .init(ssrc: 3, items: []),
                .init(ssrc: 4, items: [.init(type: 12, text: [0x66]), .init(type: 15, text: [])]),
            ])),
        .goodbye(Goodbye(ssrcs: [1, 2])),
        .goodbye(Goodbye(ssrcs: [], reason: "fin")),
        .goodbye(Goodbye(ssrcs: [3], reason: "camera off")),
        .pictureLossIndication(PictureLossIndication(senderSSRC: 1, mediaSSRC: 2)),
        .fullIntraRequest(
            FullIntraRequest(
                senderSSRC: 1, entries: [.init(ssrc: 2, sequenceNumber: 255), .init(ssrc: 3, sequenceNumber: 0)])),
        .nack(Nack(senderSSRC: 1, mediaSSRC: 2, sequenceNumbers: [65530, 65535, 0, 10, 11, 27, 500])),
        .remb(REMB(senderSSRC: 1, bitrate: 1_000_000, ssrcs: [2, 3])),
        .extendedReports(
            ExtendedReports(
                ssrc: 1, receiverReferenceTime: NTPTime(rawValue: 7),
                delays: [.init(ssrc: 2, lastRR: 3, delaySinceLastRR: 4)])),
        .unknown(UnknownRTCP(packetType: 204, format: 5, body: [UInt8](repeating: 1, count: 8))),
        .unknown(UnknownRTCP(packetType: 206, format: 15, body: [UInt8](repeating: 2, count: 12))),
        .transportFeedback(
            TransportFeedback(
                senderSSRC: 1, mediaSSRC: 2, baseSequence: 65534, statusCount: 4, referenceTime: -3, feedbackCount: 9,
                received: [.init(index: 0, delta: 255), .init(index: 1, delta: -1), .init(index: 3, delta: 256)])),
    ]

    @Test(arguments: packets) func `every kind of packet reads back as written`(packet: RTCPPacket) throws {
        let bytes = RTCPCompound.serialize([packet])
        #expect(bytes.count % 4 == 0)
        #expect(try RTCPCompound.parse(bytes.span.bytes) == [packet])
    }

    @Test(arguments: packets) func `a packet cut at any byte is refused`(packet: RTCPPacket) {
        let bytes = RTCPCompound.serialize([packet])
        for length in 0..<bytes.count {
            let cut = Array(bytes.prefix(length))
            #expect(throws: ParseError.self) { try RTCPCompound.parse(cut.span.bytes) }
        }
    }

    /// The length field agrees with what is left, so that it is the message that must notice.
    @Test(arguments: packets) func `a packet cut with its length put right never traps`(packet: RTCPPacket) {
        let bytes = RTCPCompound.serialize([packet])
        for words in 0..<bytes.count / 4 - 1 {
            var cut = Array(bytes.prefix(4 * (words + 1)))
            cut[0] &= 0xDF
            cut[3] = UInt8(words)
            _ = try? RTCPCompound.parse(cut.span.bytes)
        }
    }

    @Test func `a compound is its packets in order`() throws {
        let bytes = RTCPCompound.serialize(Self.packets)
        #expect(try RTCPCompound.parse(bytes.span.bytes) == Self.packets)
    }

    @Test func `one bad packet refuses the compound`() {
        var bytes = RTCPCompound.serialize(Array(Self.packets.prefix(3)))
        bytes[bytes.count - 8] = 0x40
        #expect(throws: ParseError.malformed("RTCP version")) { try RTCPCompound.parse(bytes.span.bytes) }
    }

    @Test func `padding is taken off the last packet and refused before it`() throws {
        let padded = hex("A1CE0003 00000001 00000002 00000004")
        let pli = RTCPPacket.pictureLossIndication(PictureLossIndication(senderSSRC: 1, mediaSSRC: 2))
        #expect(try RTCPCompound.parse(padded.span.bytes) == [pli])
        let twice = padded + padded
        #expect(throws: ParseError.malformed("RTCP padding")) { try RTCPCompound.parse(twice.span.bytes) }
        for count in [0, 13, 255] as [UInt8] {
            let bad = Array(padded.dropLast()) + [count]
            #expect(throws: ParseError.malformed("RTCP padding")) { try RTCPCompound.parse(bad.span.bytes) }
        }
    }

    @Test func `counts have their limits`() {
        let empty = Array(repeatElement(hex("80CC0000"), count: 65).joined())
        #expect(throws: ParseError.tooLarge("RTCP packets")) { try RTCPCompound.parse(empty.span.bytes) }
        let long = [UInt8](repeating: 0x80, count: 4100)
        #expect(throws: ParseError.tooLarge("RTCP bytes")) { try RTCPCompound.parse(long.span.bytes) }
        let nack = hex("81CD0193 00000001 00000002") + [UInt8](repeating: 0, count: 4 * 401)
        #expect(throws: ParseError.tooLarge("NACK items")) { try RTCPCompound.parse(nack.span.bytes) }
    }

    @Test func `random and mutated compounds never trap, and what parses survives a round trip`() throws {
        var generator = RTPTestGenerator(seed: 5)
        let whole = RTCPCompound.serialize(Self.packets)
        let single = Self.packets.map { RTCPCompound.serialize([$0]) }
        func candidate(_ round: Int) -> [UInt8] {
            switch round % 4 {
            case 0:
                return generator.mutate(whole)
            case 1:
                // A right version, type and length over random bytes.
                let words = Int.random(in: 0...12, using: &generator)
                let first = UInt8.random(in: 0x80...0x9F, using: &generator)
                let type = UInt8.random(in: 199...208, using: &generator)
                return [first, type, 0, UInt8(words)] + generator.bytes(4 * words)
            default:
                return generator.mutate(single[round / 4 % single.count])
            }
        }
        var parsed = 0
        for round in 0..<20_000 {
            let bytes = candidate(round)
            guard let packets = try? RTCPCompound.parse(bytes.span.bytes) else { continue }
            parsed += 1
            // Text may have been repaired, NACK items merged and an unknown body padded; these are not compared.
            for packet in packets {
                switch packet {
                case .goodbye, .nack, .unknown: continue
                default: break
                }
                let again = RTCPCompound.serialize([packet])
                #expect(try RTCPCompound.parse(again.span.bytes) == [packet])
            }
        }
        #expect(parsed > 5000)
    }
}
