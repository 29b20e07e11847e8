import Media
import Testing

@Suite struct WebPTests {
    /// A keyframe of libvpx, of a smooth picture.
    private func keyframe(width: Int, height: Int, shift: Int = 0) throws -> [UInt8] {
        var picture = VideoFrame(width: width, height: height, timestamp: 3000)
        for row in 0..<height {
            for column in 0..<width { picture.y[row * width + column] = UInt8((row + column + shift) % 128 + 64) }
        }
        let encoder = try VP8Encoder(width: width, height: height, bitrate: 300_000)
        return try #require(try encoder.encode(picture)).bytes
    }

    private func number(_ bytes: [UInt8], at offset: Int) -> Int {
        bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    @Test(arguments: [(160, 90), (97, 55), (16, 16)])
    func `a keyframe becomes a picture of its size, and comes out again as it was`(width: Int, height: Int) throws {
        for shift in 0..<4 {
            let frame = try keyframe(width: width, height: height, shift: 31 * shift)
            let file = try WebP(keyframe: frame).serialized
            #expect(file.count % 2 == 0)
            #expect(number(file, at: 4) == file.count - 8)
            #expect(number(file, at: 16) == frame.count)
            let webP = try WebP(parsing: file.span.bytes)
            #expect(webP.width == width && webP.height == height)
            #expect(webP.frame == frame)
            let decoded = try VP8Decoder().decode(webP.frame, timestamp: 0)
            #expect(decoded.map(\.width) == [width] && decoded.map(\.height) == [height])
        }
    }

    @Test func `only keyframes that are shown are pictures`() throws {
        let frame = try keyframe(width: 32, height: 32)
        var predicted = frame
        predicted[0] |= 1
        #expect(throws: ParseError.malformed("VP8 keyframe")) { try WebP(keyframe: predicted) }
        var hidden = frame
        hidden[0] &= ~0x10
        #expect(throws: ParseError.unsupported("hidden frame")) { try WebP(keyframe: hidden) }
        var flat = frame
        (flat[8], flat[9]) = (0, 0)
        #expect(throws: ParseError.malformed("picture size")) { try WebP(keyframe: flat) }
        #expect(throws: ParseError.truncated) { try WebP(keyframe: Array(frame.prefix(9))) }
        #expect(throws: ParseError.truncated) { try WebP(keyframe: []) }
    }

    @Test func `a file cut at any byte is refused, and hostile ones are safe`() throws {
        let file = try WebP(keyframe: try keyframe(width: 32, height: 32)).serialized
        for length in 0..<file.count {
            #expect(throws: ParseError.self) { try WebP(parsing: Array(file.prefix(length)).span.bytes) }
        }
        var generator = RTPTestGenerator(seed: 77)
        for _ in 0..<5000 {
            let bytes = generator.mutate(file)
            guard let webP = try? WebP(parsing: bytes.span.bytes) else { continue }
            #expect(webP.width > 0 && webP.height > 0)
        }
    }
}
