/// One SCTP packet (RFC 9260 §3): the common header and its chunks. Parsing checks the CRC32C; the zero checksum of
/// RFC 9653 is never negotiated here and so never accepted.
///
/// A packet of which any known chunk is malformed is refused whole. Parsing ends early, without an error, after an
/// unknown chunk whose type says that nothing behind it may be processed (RFC 9260 §3.2).
struct SCTPPacket: Equatable {
    static let headerSize = 12

    var sourcePort: UInt16
    var destinationPort: UInt16
    var verificationTag: UInt32
    var chunks: [SCTPChunk]

    init(sourcePort: UInt16, destinationPort: UInt16, verificationTag: UInt32, chunks: [SCTPChunk]) {
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.verificationTag = verificationTag
        self.chunks = chunks
    }

    init(parsing bytes: RawSpan) throws(ParseError) {
        var reader = ByteReader(bytes)
        sourcePort = try reader.uint16()
        destinationPort = try reader.uint16()
        verificationTag = try reader.uint32()
        guard try reader.uint32() == Self.checksum(bytes) else { throw .malformed("SCTP checksum") }
        chunks = []
        while !reader.isAtEnd {
            let chunk = try SCTPChunk(parsing: &reader)
            chunks.append(chunk)
            if case .unknown(let type, _) = chunk, type & 0x80 == 0 { break }
        }
        if chunks.isEmpty { throw .truncated }
    }

    func serialize() -> [UInt8] {
        var writer = ByteWriter(capacity: chunks.reduce(Self.headerSize) { $0 + $1.paddedSize })
        writer.write(sourcePort)
        writer.write(destinationPort)
        writer.write(verificationTag)
        writer.write(UInt32(0))
        for chunk in chunks { chunk.serialize(into: &writer) }
        writer.overwrite(at: 8, Self.checksum(writer.bytes.span.bytes))
        return writer.bytes
    }

    /// The value of the checksum field, in the byte order of the other fields. `packet` holds the common header at
    /// least; what its checksum field holds is taken as zero.
    static func checksum(_ packet: RawSpan) -> UInt32 {
        let zero: [UInt8] = [0, 0, 0, 0]
        var crc = CRC32C()
        crc.update(packet.extracting(0..<8))
        crc.update(zero.span.bytes)
        crc.update(packet.extracting(headerSize..<packet.byteCount))
        return crc.value.byteSwapped
    }
}
