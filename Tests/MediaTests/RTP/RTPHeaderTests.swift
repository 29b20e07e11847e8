import Media
import Testing

@Suite struct RTPHeaderTests {
    /// Two CSRCs, a one-byte extension of eight bytes, four bytes of payload and three of padding.
    static let full = hex(
        "B2E0 1234 89ABCDEF 01020304 0000000A 0000000B BEDE0002 10FF 31AABB 00 00 00 DEADBEEF 000003")

    @Test func `a plain packet is its twelve bytes and the payload`() throws {
        let packet = hex("8060 0001 00000002 00000003 AABB")
        let header = try RTPHeader(parsing: packet.span.bytes)
        #expect(!header.marker)
        #expect(header.payloadType == 96)
        #expect(header.sequenceNumber == 1)
        #expect(header.timestamp == 2)
        #expect(header.ssrc == 3)
        #expect(header.extensionProfile == nil)
        #expect(header.payloadOffset == 12)
        #expect(header.payloadLength == 2)
        #expect(header.paddingLength == 0)
    }

    @Test func `CSRCs, extension and padding are found where they lie`() throws {
        let header = try RTPHeader(parsing: Self.full.span.bytes)
        #expect(header.marker)
        #expect(header.payloadType == 96)
        #expect(header.sequenceNumber == 0x1234)
        #expect(header.timestamp == 0x89AB_CDEF)
        #expect(header.ssrc == 0x0102_0304)
        #expect(header.csrcCount == 2)
        #expect(header.extensionProfile == 0xBEDE)
        #expect(header.extensionRange == (24, 8))
        #expect(header.payloadOffset == 32)
        #expect(header.payloadLength == 4)
        #expect(header.paddingLength == 3)
        let payload = header.payload(of: Self.full.span.bytes).array
        #expect(payload == [0xDE, 0xAD, 0xBE, 0xEF])
    }

    @Test(arguments: 0..<32, [false, true])
    func `a header cut at any byte is refused, whether or not padding is to follow`(length: Int, isPadded: Bool) {
        var whole = Self.full
        if !isPadded { whole[0] &= ~0x20 }
        let cut = Array(whole.prefix(length))
        #expect(throws: ParseError.truncated) { try RTPHeader(parsing: cut.span.bytes) }
    }

    @Test(arguments: [0x00, 0x40, 0xC0] as [UInt8]) func `any version but 2 is refused`(first: UInt8) {
        var packet = hex("8060 0001 00000002 00000003")
        packet[0] = first
        #expect(throws: ParseError.malformed("RTP version")) { try RTPHeader(parsing: packet.span.bytes) }
    }

    @Test(arguments: [0, 3, 255] as [UInt8]) func `padding of none or of more than there is is refused`(count: UInt8) {
        let packet = hex("A060 0001 00000002 00000003 AA") + [count]
        #expect(throws: ParseError.malformed("RTP padding")) { try RTPHeader(parsing: packet.span.bytes) }
    }

    @Test func `a packet may be all padding`() throws {
        let packet = hex("A060 0001 00000002 00000003 0002")
        let header = try RTPHeader(parsing: packet.span.bytes)
        #expect(header.payloadLength == 0)
        #expect(header.paddingLength == 2)
    }

    @Test func `what is written is read back`() throws {
        var packet = [UInt8](repeating: 0xEE, count: 12)
        packet.withUnsafeMutableBytes {
            RTPHeader.write(
                to: $0.baseAddress!, marker: true, payloadType: 111, sequenceNumber: 65535, timestamp: 0xFFFF_FFFE,
                ssrc: 0xCAFE_BABE)
        }
        let header = try RTPHeader(parsing: packet.span.bytes)
        #expect(header.marker)
        #expect(header.payloadType == 111)
        #expect(header.sequenceNumber == 65535)
        #expect(header.timestamp == 0xFFFF_FFFE)
        #expect(header.ssrc == 0xCAFE_BABE)
        #expect(packet[0] == 0x80)
    }

    @Test func `random and mutated packets never lead outside themselves`() {
        var generator = RTPTestGenerator(seed: 1)
        var parsed = 0
        for round in 0..<20_000 {
            var packet =
                round % 2 == 0
                ? generator.mutate(Self.full) : generator.bytes(Int.random(in: 0..<80, using: &generator))
            if round % 4 == 1, !packet.isEmpty { packet[0] = packet[0] & 0x3F | 0x80 }
            guard let header = try? RTPHeader(parsing: packet.span.bytes) else { continue }
            parsed += 1
            #expect(header.payloadOffset + header.payloadLength + header.paddingLength == packet.count)
            var extensions = header.extensions(of: packet.span.bytes)
            while let element = extensions.next() {
                #expect(element.offset >= header.extensionOffset)
                #expect(element.offset + element.length <= header.payloadOffset)
            }
        }
        #expect(parsed > 5000)
    }
}
