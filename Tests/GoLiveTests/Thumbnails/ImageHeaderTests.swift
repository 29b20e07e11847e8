import Testing

@testable import GoLive

/// Pictures of any size that are nothing but headers.
enum TestPictureFile {
    private static func big(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func little(_ value: Int, _ count: Int) -> [UInt8] { big(value, count).reversed() }

    static func png(_ width: Int, _ height: Int) -> [UInt8] {
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + big(13, 4) + Array("IHDR".utf8) + big(width, 4)
            + big(height, 4) + [8, 6, 0, 0, 0] + [1, 2, 3, 4]
    }

    /// - Parameter sof: the frame header's marker; 0xC0 is baseline, 0xC2 progressive.
    static func jpeg(_ width: Int, _ height: Int, sof: UInt8 = 0xC0) -> [UInt8] {
        [0xFF, 0xD8, 0xFF, 0xE0] + big(16, 2) + Array("JFIF\0".utf8) + [1, 1, 0, 0, 1, 0, 1, 0, 0] + [0xFF]
            + [0xFF, 0xDB] + big(67, 2) + [UInt8](repeating: 1, count: 65) + [0xFF, sof] + big(17, 2) + [8]
            + big(height, 2) + big(width, 2) + [3] + [UInt8](repeating: 0x11, count: 9)
    }

    private static func riff(_ chunk: String, _ body: [UInt8]) -> [UInt8] {
        let padded = body + [UInt8](repeating: 0, count: max(0, 10 - body.count))
        return Array("RIFF".utf8) + little(12 + padded.count, 4) + Array("WEBP".utf8) + Array(chunk.utf8)
            + little(padded.count, 4) + padded
    }

    static func lossyWebP(_ width: Int, _ height: Int) -> [UInt8] {
        riff("VP8 ", [0x10, 0, 0, 0x9D, 0x01, 0x2A] + little(width, 2) + little(height, 2))
    }

    static func losslessWebP(_ width: Int, _ height: Int) -> [UInt8] {
        riff("VP8L", [0x2F] + little((width - 1) | (height - 1) << 14, 4))
    }

    static func extendedWebP(_ width: Int, _ height: Int) -> [UInt8] {
        riff("VP8X", [0, 0, 0, 0] + little(width - 1, 3) + little(height - 1, 3))
    }

    static let all: [(format: ImageHeader.Format, make: @Sendable (Int, Int) -> [UInt8])] = [
        (.png, { png($0, $1) }), (.jpeg, { jpeg($0, $1) }), (.jpeg, { jpeg($0, $1, sof: 0xC2) }),
        (.webp, { lossyWebP($0, $1) }), (.webp, { losslessWebP($0, $1) }), (.webp, { extendedWebP($0, $1) }),
    ]
}

@Suite struct ImageHeaderTests {
    @Test func `each format tells its size, and sizes beyond the limits are refused`() throws {
        for (format, make) in TestPictureFile.all {
            for (width, height) in [(16, 16), (1280, 720), (720, 1280), (8192, 8192), (17, 8191)] {
                let header = try ImageHeader(parsing: make(width, height))
                #expect(header.format == format && header.width == width && header.height == height)
            }
            for (width, height) in [(15, 16), (16, 15), (1, 1), (8193, 100), (100, 8193), (16_383, 16_383)] {
                #expect(throws: ImageHeader.Refusal.size(width: width, height: height)) {
                    try ImageHeader(parsing: make(width, height))
                }
            }
        }
    }

    @Test func `a picture whose header is cut at any byte is refused`() throws {
        for (_, make) in TestPictureFile.all {
            let bytes = make(320, 180)
            // Of a JPEG's frame header the sizes suffice.
            for length in 0..<bytes.count - 10 {
                #expect(throws: ImageHeader.Refusal.self) { try ImageHeader(parsing: Array(bytes.prefix(length))) }
            }
        }
    }

    @Test(arguments: ["", "<svg xmlns='http://www.w3.org/2000/svg'/>", "GIF89a", "<!doctype html><script>", "RIFF"])
    func `what is no picture is not taken for one`(text: String) {
        #expect(throws: ImageHeader.Refusal.unrecognised) { try ImageHeader(parsing: Array(text.utf8)) }
    }

    @Test(arguments: 0..<6) func `mutated headers are read or refused, never worse`(index: Int) {
        var generator = SeededGenerator(seed: UInt64(index))
        let original = TestPictureFile.all[index].make(640, 360)
        for _ in 0..<20_000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            bytes.removeLast(Int.random(in: 0...bytes.count / 2, using: &generator))
            guard let header = try? ImageHeader(parsing: bytes) else { continue }
            #expect(ImageHeader.sides.contains(header.width) && ImageHeader.sides.contains(header.height))
        }
    }
}
