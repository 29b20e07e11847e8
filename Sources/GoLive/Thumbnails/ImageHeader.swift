/// What the first bytes of a picture say of it: its format, and how large it is. Judged by content, whatever it is called.
/// Refuses anything that is cut short or makes no sense; any bytes are safe.
struct ImageHeader: Sendable, Hashable {
    enum Format: String, Sendable, CaseIterable {
        case png, jpeg, webp

        var contentType: String { "image/\(rawValue)" }
    }

    enum Refusal: Error, Sendable, Hashable {
        /// None of the formats that are known.
        case unrecognised
        case truncated
        case malformed
        /// A side is shorter or longer than `sides` allows.
        case size(width: Int, height: Int)
    }

    /// Pixels of each side.
    static let sides = 16...8192

    var format: Format
    /// Pixels.
    var width: Int
    var height: Int

    init(parsing bytes: [UInt8]) throws(Refusal) {
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            format = .png
            (width, height) = try Self.png(bytes)
        } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            format = .jpeg
            (width, height) = try Self.jpeg(bytes)
        } else if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) {
            format = .webp
            (width, height) = try Self.webp(bytes)
        } else {
            throw .unrecognised
        }
        guard Self.sides.contains(width), Self.sides.contains(height) else {
            throw .size(width: width, height: height)
        }
    }

    /// The first chunk is IHDR, 13 bytes long (PNG, third edition, §11.2.1).
    private static func png(_ bytes: [UInt8]) throws(Refusal) -> (Int, Int) {
        guard bytes.count >= 33 else { throw .truncated }
        guard bytes.bigEndian(8, 4) == 13, bytes[12..<16].elementsEqual("IHDR".utf8) else { throw .malformed }
        return (bytes.bigEndian(16, 4), bytes.bigEndian(20, 4))
    }

    /// Segments up to the frame header, SOF0…SOF15 (ITU-T T.81 §B.1.1.3, §B.2.2).
    private static func jpeg(_ bytes: [UInt8]) throws(Refusal) -> (Int, Int) {
        var offset = 2
        while true {
            guard offset + 1 < bytes.count else { throw .truncated }
            guard bytes[offset] == 0xFF else { throw .malformed }
            let marker = bytes[offset + 1]
            switch marker {
            case 0xFF:
                // Fill before a marker.
                offset += 1
            case 0x01, 0xD0...0xD7:
                // Markers that stand alone.
                offset += 2
            case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
                guard offset + 9 <= bytes.count else { throw .truncated }
                guard bytes.bigEndian(offset + 2, 2) >= 11 else { throw .malformed }
                return (bytes.bigEndian(offset + 7, 2), bytes.bigEndian(offset + 5, 2))
            case 0x00, 0xD8, 0xD9, 0xDA:
                // The picture begins or ends, and nobody said how large it is.
                throw .malformed
            default:
                guard offset + 4 <= bytes.count else { throw .truncated }
                let length = bytes.bigEndian(offset + 2, 2)
                guard length >= 2 else { throw .malformed }
                offset += 2 + length
            }
        }
    }

    /// The first chunk is VP8, VP8L or VP8X (RFC 9649 §2.5…2.7).
    private static func webp(_ bytes: [UInt8]) throws(Refusal) -> (Int, Int) {
        guard bytes.count >= 30, bytes.littleEndian(4, 4) <= bytes.count - 8 else { throw .truncated }
        switch String(decoding: bytes[12..<16], as: UTF8.self) {
        case "VP8 ":
            // A keyframe with its start code (RFC 6386 §9.1).
            guard bytes[20] & 1 == 0, bytes[23..<26].elementsEqual([0x9D, 0x01, 0x2A]) else { throw .malformed }
            return (bytes.littleEndian(26, 2) & 0x3FFF, bytes.littleEndian(28, 2) & 0x3FFF)
        case "VP8L":
            guard bytes[20] == 0x2F else { throw .malformed }
            let sizes = bytes.littleEndian(21, 4)
            return ((sizes & 0x3FFF) + 1, (sizes >> 14 & 0x3FFF) + 1)
        case "VP8X":
            return (bytes.littleEndian(24, 3) + 1, bytes.littleEndian(27, 3) + 1)
        default:
            throw .malformed
        }
    }
}

/// The caller has made sure that the bytes are there.
extension [UInt8] {
    fileprivate func bigEndian(_ offset: Int, _ count: Int) -> Int {
        self[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
    }

    fileprivate func littleEndian(_ offset: Int, _ count: Int) -> Int {
        self[offset..<offset + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
