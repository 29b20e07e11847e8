import Media
import Testing

@Suite struct VP8DescriptorTests {
    /// All fields, a 15-bit PictureID, and the first bytes of a 640×360 keyframe.
    static let payload = hex("90 F0 9234 07 6A 100200 9D012A 8002 6801 FF")

    @Test func `every field is read, and where it lies`() throws {
        let descriptor = try VP8Descriptor(parsing: Self.payload.span.bytes)
        #expect(descriptor.isExtended)
        #expect(!descriptor.isNonReference)
        #expect(descriptor.isStartOfPartition)
        #expect(descriptor.partitionIndex == 0)
        #expect(descriptor.pictureID == 0x1234)
        #expect(descriptor.pictureIDIs15Bit)
        #expect(descriptor.tl0PictureIndex == 7)
        #expect(descriptor.temporalID == 1)
        #expect(descriptor.isLayerSync)
        #expect(descriptor.keyIndex == 10)
        #expect(descriptor.length == 6)
        #expect(descriptor.pictureIDOffset == 2)
        #expect(descriptor.tl0PictureIndexOffset == 4)
    }

    @Test func `a keyframe gives its size`() throws {
        let descriptor = try VP8Descriptor(parsing: Self.payload.span.bytes)
        let isKeyframe = VP8Payload.isKeyframe(Self.payload.span.bytes, descriptor)
        #expect(isKeyframe)
        let size = VP8Payload.keyframeSize(Self.payload.span.bytes, descriptor)
        #expect(size?.width == 640 && size?.height == 360)
        // The flag, the partition and the start bit each unmake a keyframe.
        for (offset, byte) in [(6, 0x11), (0, 0x91), (0, 0x80)] as [(Int, UInt8)] {
            var other = Self.payload
            other[offset] = byte
            let isKeyframe = VP8Payload.isKeyframe(other.span.bytes, try VP8Descriptor(parsing: other.span.bytes))
            #expect(!isKeyframe)
        }
    }

    @Test(arguments: 0..<16) func `a keyframe cut before its size has none`(length: Int) {
        let cut = Array(Self.payload.prefix(length))
        guard let descriptor = try? VP8Descriptor(parsing: cut.span.bytes) else {
            #expect(length < 6)
            return
        }
        #expect(length >= 6)
        let size = VP8Payload.keyframeSize(cut.span.bytes, descriptor)
        #expect(size == nil)
    }

    @Test func `the short form is one byte`() throws {
        let descriptor = try VP8Descriptor(parsing: ([0x30, 0x01] as [UInt8]).span.bytes)
        #expect(descriptor.length == 1)
        #expect(descriptor.isNonReference)
        #expect(descriptor.isStartOfPartition)
        #expect(descriptor.pictureID == nil)
    }

    @Test func `what is serialized reads back, field by field`() throws {
        for pictureID in [nil, 0, 0x7F, 0x7FFF] as [UInt16?] {
            for temporalID in [nil, 0, 3] as [UInt8?] {
                for keyIndex in [nil, 31] as [UInt8?] {
                    for tl0 in [nil, 255] as [UInt8?] {
                        let descriptor = VP8Descriptor(
                            isNonReference: keyIndex != nil, isStartOfPartition: tl0 == nil, partitionIndex: 5,
                            pictureID: pictureID, pictureIDIs15Bit: pictureID != 0x7F, tl0PictureIndex: tl0,
                            temporalID: temporalID, isLayerSync: temporalID == 3, keyIndex: keyIndex)
                        var writer = ByteWriter()
                        descriptor.serialize(into: &writer)
                        let bytes = writer.bytes
                        #expect(bytes.count == descriptor.length)
                        #expect(try VP8Descriptor(parsing: bytes.span.bytes) == descriptor)
                        for length in 0..<bytes.count {
                            let cut = Array(bytes.prefix(length))
                            #expect(throws: ParseError.truncated) { try VP8Descriptor(parsing: cut.span.bytes) }
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: [true, false]) func `patches touch their field only`(is15Bit: Bool) throws {
        var writer = ByteWriter()
        VP8Descriptor(
            isStartOfPartition: true, pictureID: 5, pictureIDIs15Bit: is15Bit, tl0PictureIndex: 6, temporalID: 1
        ).serialize(into: &writer)
        var bytes = writer.bytes
        var expected = try VP8Descriptor(parsing: bytes.span.bytes)
        let descriptor = expected
        bytes.withUnsafeMutableBytes {
            descriptor.patchPictureID(0x7ABC, in: $0.baseAddress!)
            descriptor.patchTL0PictureIndex(200, in: $0.baseAddress!)
        }
        expected.pictureID = is15Bit ? 0x7ABC : 0x3C
        expected.tl0PictureIndex = 200
        #expect(try VP8Descriptor(parsing: bytes.span.bytes) == expected)
    }

    @Test func `random payloads never lead outside themselves`() {
        var generator = RTPTestGenerator(seed: 4)
        for _ in 0..<10_000 {
            let payload = generator.bytes(Int.random(in: 0..<10, using: &generator))
            guard let descriptor = try? VP8Descriptor(parsing: payload.span.bytes) else { continue }
            #expect(descriptor.length <= payload.count)
            _ = VP8Payload.keyframeSize(payload.span.bytes, descriptor)
        }
    }
}
