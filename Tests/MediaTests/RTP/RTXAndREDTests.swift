import Media
import Testing

@Suite struct RTXTests {
    @Test func `encapsulating puts the original sequence number in front`() {
        let payload: [UInt8] = [1, 2, 3]
        var packet = [UInt8](repeating: 0, count: 5)
        let length = packet.withUnsafeMutableBytes {
            RTX.encapsulate(payload: payload.span.bytes, originalSequenceNumber: 0xFFFE, to: $0.baseAddress!)
        }
        #expect(length == 5)
        #expect(packet == [0xFF, 0xFE, 1, 2, 3])
        let sequenceNumber = RTX.originalSequenceNumber(payload: packet.span.bytes)
        #expect(sequenceNumber == 0xFFFE)
        let original = RTX.originalPayload(of: packet.span.bytes).array
        #expect(original == payload)
    }

    @Test(arguments: 0..<2) func `a probe holds no packet`(length: Int) {
        let payload = [UInt8](repeating: 1, count: length)
        let sequenceNumber = RTX.originalSequenceNumber(payload: payload.span.bytes)
        #expect(sequenceNumber == nil)
        let original = RTX.originalPayload(of: payload.span.bytes).array
        #expect(original.isEmpty)
    }
}

@Suite struct REDTests {
    /// Two redundant blocks of 3 and 2 bytes, 960 and 480 clock units old, and a primary one of 4.
    static let payload = hex("EF 0F0003 EF 078002 6F 010203 0405 06070809")

    @Test func `blocks lie behind the heads, the primary last`() throws {
        let red = try RED(parsing: Self.payload.span.bytes)
        #expect(red.blocks.map(\.payloadType) == [111, 111, 111])
        #expect(red.blocks.map(\.timestampOffset) == [960, 480, 0])
        #expect(red.blocks.map(\.offset) == [9, 12, 14])
        #expect(red.blocks.map(\.length) == [3, 2, 4])
        #expect(red.primary.offset == 14)
    }

    @Test(arguments: 0..<14) func `a payload cut before the primary block is refused`(length: Int) {
        let cut = Array(Self.payload.prefix(length))
        #expect(throws: ParseError.truncated) { try RED(parsing: cut.span.bytes) }
    }

    @Test func `endless redundancy is refused`() {
        let payload = Array(repeatElement(hex("EF000000"), count: 40).joined()) + [0x6F]
        #expect(throws: ParseError.tooLarge("RED blocks")) { try RED(parsing: payload.span.bytes) }
    }

    @Test func `random payloads never lead outside themselves`() {
        var generator = RTPTestGenerator(seed: 3)
        for _ in 0..<5000 {
            let payload = generator.mutate(Self.payload)
            guard let red = try? RED(parsing: payload.span.bytes) else { continue }
            #expect(red.blocks.allSatisfy { $0.offset + $0.length <= payload.count })
        }
    }
}
