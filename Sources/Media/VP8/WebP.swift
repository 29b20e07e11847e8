/// A still picture in the WebP container, in its simple lossy form: one VP8 keyframe behind a RIFF header (RFC 9649 §2.5).
/// The frame goes in and comes out as it is; nothing is encoded or decoded.
package struct WebP: Sendable, Equatable {
    /// A whole VP8 keyframe that is shown (RFC 6386 §9.1).
    package let frame: [UInt8]
    /// Pixels, 1...16383.
    package let width: Int
    package let height: Int

    /// RIFF, its size and WEBP.
    private static let fileHeader = 12
    /// `VP8 ` and its size.
    private static let chunkHeader = 8

    /// - Throws: when the frame is no keyframe, is not shown, or has no size.
    package init(keyframe: [UInt8]) throws(ParseError) {
        guard keyframe.count >= 10 else { throw .truncated }
        guard keyframe[0] & 0x10 != 0 else { throw .unsupported("hidden frame") }
        guard let size = VP8Payload.frameSize(keyframe.span.bytes) else { throw .malformed("VP8 keyframe") }
        guard size.width > 0, size.height > 0 else { throw .malformed("picture size") }
        frame = keyframe
        (width, height) = size
    }

    /// Reads a file of the simple lossy form; what follows the picture within the RIFF is ignored.
    package init(parsing bytes: RawSpan) throws(ParseError) {
        var reader = ByteReader(bytes)
        guard try reader.bytes(4) == Array("RIFF".utf8) else { throw .malformed("RIFF") }
        let size = try Int(reader.uint32().byteSwapped)
        guard size >= 4 + Self.chunkHeader, size <= reader.remaining else { throw .truncated }
        guard try reader.bytes(4) == Array("WEBP".utf8) else { throw .malformed("WEBP") }
        guard try reader.bytes(4) == Array("VP8 ".utf8) else { throw .unsupported("form of WebP") }
        let length = try Int(reader.uint32().byteSwapped)
        guard length <= size - 4 - Self.chunkHeader else { throw .truncated }
        try self.init(keyframe: reader.bytes(length))
    }

    /// Appends the file. A chunk of odd length is padded with a zero that its length does not count.
    package func serialize(into writer: inout ByteWriter) {
        let padding = frame.count & 1
        writer.write(Array("RIFF".utf8))
        writer.write(UInt32(4 + Self.chunkHeader + frame.count + padding).byteSwapped)
        writer.write(Array("WEBPVP8 ".utf8))
        writer.write(UInt32(frame.count).byteSwapped)
        writer.write(frame)
        if padding == 1 { writer.write(UInt8(0)) }
    }

    /// The file.
    package var serialized: [UInt8] {
        var writer = ByteWriter(capacity: Self.fileHeader + Self.chunkHeader + frame.count + 1)
        serialize(into: &writer)
        return writer.bytes
    }
}
