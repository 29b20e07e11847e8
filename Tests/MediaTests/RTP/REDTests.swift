import Media
import Testing

@Suite struct REDTests {
    /// Two redundant blocks of 3 and 2 bytes, 960 and 480 clock units old, and a primary one of 4.
    static let payload = hex("EF 0F0003 EF 078002 6F 010203 0405 06070809")

    /// What the parts hold.
    static func parts(_ payload: [UInt8]) throws -> (older: [Older], primary: (payloadType: UInt8, data: [UInt8])) {
        let bytes = payload.span.bytes
        let red = try RED(parsing: bytes)
        var older: [Older] = []
        for index in 0..<red.blockCount - 1 {
            let block = red.block(index, of: bytes)
            older.append(
                (block.payloadType, block.timestampOffset, Array(payload[block.offset..<block.offset + block.length])))
        }
        return (older, (red.primary.payloadType, Array(payload[red.primary.offset...])))
    }

    /// Payload type, timestamp offset, offset and length.
    static func fields(_ block: RED.Block) -> [Int] {
        [Int(block.payloadType), Int(block.timestampOffset), block.offset, block.length]
    }

    typealias Older = (payloadType: UInt8, timestampOffset: UInt16, data: [UInt8])

    @Test func `blocks lie behind the heads, the primary last`() throws {
        let bytes = Self.payload.span.bytes
        let red = try RED(parsing: bytes)
        let blocks = [red.block(0, of: bytes), red.block(1, of: bytes), red.block(2, of: bytes)]
        #expect(red.blockCount == 3)
        #expect(blocks.map(\.payloadType) == [111, 111, 111])
        #expect(blocks.map(\.timestampOffset) == [960, 480, 0])
        #expect(blocks.map(\.offset) == [9, 12, 14])
        #expect(blocks.map(\.length) == [3, 2, 4])
        #expect(blocks[2] == red.primary)
    }

    /// RFC 2198 §4: DVI4 repeated by LPC, 8 bytes here for the 84 and 14 there.
    @Test func `blocks may be of several payload types`() throws {
        let payload = hex("87 00A008 05 0102030405060708 1112131415161718")
        let red = try RED(parsing: payload.span.bytes)
        let block = red.block(0, of: payload.span.bytes)
        #expect(Self.fields(block) == [7, 40, 5, 8])
        #expect(Self.fields(red.primary) == [5, 0, 13, 8])
        for type: UInt8 in [5, 7] {
            let isAlone = red.holdsOnly(type, in: payload.span.bytes)
            #expect(!isAlone)
        }
        let same = try RED(parsing: Self.payload.span.bytes).holdsOnly(111, in: Self.payload.span.bytes)
        #expect(same)
    }

    @Test func `a payload without redundancy has a head of one byte`() throws {
        let payload = hex("6F 0102")
        let red = try RED(parsing: payload.span.bytes)
        #expect(red.blockCount == 1)
        #expect(Self.fields(red.primary) == [111, 0, 1, 2])
    }

    @Test(arguments: 0..<14) func `a payload cut before the primary block is refused`(length: Int) {
        let cut = Array(Self.payload.prefix(length))
        #expect(throws: ParseError.truncated) { try RED(parsing: cut.span.bytes) }
    }

    @Test func `endless redundancy is refused`() throws {
        let heads = Array(repeatElement(hex("EF000000"), count: RED.maximumBlocks).joined())
        let endless = heads + [0x6F]
        #expect(throws: ParseError.tooLarge("RED blocks")) { try RED(parsing: endless.span.bytes) }
        let longest = Array(heads.dropFirst(4)) + [0x6F]
        #expect(try RED(parsing: longest.span.bytes).blockCount == RED.maximumBlocks)
    }

    @Test func `what was written reads the same, up to the limits of the format and no further`() throws {
        var generator = RTPTestGenerator(seed: 5)
        for count in 0..<RED.maximumBlocks {
            let older: [Older] = (0..<count).map { index in
                let offset = UInt16.random(in: 0...RED.maximumTimestampOffset, using: &generator)
                return (UInt8(index), offset, generator.bytes(index == 3 ? RED.maximumLength : 5 * index))
            }
            let payload = try #require(RED.payload(older: older, primary: (127, generator.bytes(1200))))
            let read = try Self.parts(payload)
            #expect(read.older.map(\.payloadType) == older.map(\.payloadType))
            #expect(read.older.map(\.timestampOffset) == older.map(\.timestampOffset))
            #expect(read.older.map(\.data) == older.map(\.data))
            #expect(read.primary.payloadType == 127)
            #expect(RED.payload(older: read.older, primary: read.primary) == payload)
        }
        let fitting: Older = (111, 960, [1])
        for tooMuch in [
            Array(repeating: fitting, count: RED.maximumBlocks), [(111, 0x4000, [1])],
            [(111, 960, [UInt8](repeating: 0, count: 1024))],
        ] {
            #expect(RED.payload(older: tooMuch, primary: (111, [2])) == nil)
        }
    }

    @Test func `another payload type leaves everything else as it is`() throws {
        var payload = Self.payload
        payload.withUnsafeMutableBytes { RED.setPayloadType(9, in: $0.baseAddress!) }
        #expect(payload == hex("89 0F0003 89 078002 09 010203 0405 06070809"))
    }

    @Test func `random payloads never lead outside themselves`() {
        var generator = RTPTestGenerator(seed: 3)
        for _ in 0..<5000 {
            let payload = generator.mutate(Self.payload)
            let bytes = payload.span.bytes
            guard let red = try? RED(parsing: bytes) else { continue }
            var end = 0
            for index in 0..<red.blockCount {
                let block = red.block(index, of: bytes)
                #expect(block.offset >= end)
                end = block.offset + block.length
            }
            #expect(end == payload.count)
        }
    }
}
