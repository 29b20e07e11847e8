/// A redundant audio payload (RFC 2198 §3): one head a block, then the blocks' data in the same order, older ones first and
/// the primary one last. This is where its parts lie, found in place without a copy.
///
/// Departs from the RFC: at most `maximumBlocks` blocks.
package struct RED: Sendable, BitwiseCopyable, Equatable {
    /// Blocks of one payload, the primary one among them.
    package static let maximumBlocks = 16
    /// Bytes of an older block, ten bits.
    package static let maximumLength = 0x3FF
    /// Clock units, fourteen bits.
    package static let maximumTimestampOffset: UInt16 = 0x3FFF
    /// Bytes of an older block's head; the primary one's has a single byte.
    private static let headLength = 4

    package struct Block: Sendable, BitwiseCopyable, Equatable {
        package var payloadType: UInt8
        /// How much older than the packet's timestamp, in clock units; 0 for the primary block.
        package var timestampOffset: UInt16
        /// Where the block's data lies in the RED payload.
        package var offset: Int
        package var length: Int
    }

    /// At least 1.
    package let blockCount: Int
    /// What the packet itself is about. Its data ends the payload.
    package let primary: Block

    package init(parsing payload: RawSpan) throws(ParseError) {
        var reader = ByteReader(payload)
        var count = 1
        var older = 0
        var head = try reader.uint8()
        while head & 0x80 != 0 {
            guard count < Self.maximumBlocks else { throw .tooLarge("RED blocks") }
            older += Int(try reader.uint24()) & Self.maximumLength
            count += 1
            head = try reader.uint8()
        }
        try reader.skip(older)
        blockCount = count
        primary = Block(payloadType: head, timestampOffset: 0, offset: reader.offset, length: reader.remaining)
    }

    /// A block in wire order, so that the primary one has the last index.
    ///
    /// - Parameter payload: what this was read from.
    package func block(_ index: Int, of payload: RawSpan) -> Block {
        precondition(index >= 0 && index < blockCount, "no such RED block")
        guard index < blockCount - 1 else { return primary }
        var offset = Self.headLength * (blockCount - 1) + 1
        for earlier in 0..<index { offset += Int(Self.head(earlier, of: payload)) & Self.maximumLength }
        let head = Self.head(index, of: payload)
        return Block(
            payloadType: UInt8(head >> 24) & 0x7F,
            timestampOffset: UInt16(truncatingIfNeeded: head >> 10) & Self.maximumTimestampOffset,
            offset: offset, length: Int(head) & Self.maximumLength)
    }

    /// Whether all blocks are of this payload type.
    ///
    /// - Parameter payload: what this was read from.
    package func holdsOnly(_ payloadType: UInt8, in payload: RawSpan) -> Bool {
        guard primary.payloadType == payloadType else { return false }
        for index in 0..<blockCount - 1 where UInt8(Self.head(index, of: payload) >> 24) & 0x7F != payloadType {
            return false
        }
        return true
    }

    /// Gives all blocks of a payload another payload type, in place.
    ///
    /// - Parameter payload: one that could be parsed.
    package static func setPayloadType(_ payloadType: UInt8, in payload: UnsafeMutableRawPointer) {
        var head = payload
        while head.load(as: UInt8.self) & 0x80 != 0 {
            head.storeBytes(of: 0x80 | payloadType, as: UInt8.self)
            head += headLength
        }
        head.storeBytes(of: payloadType, as: UInt8.self)
    }

    private static func head(_ index: Int, of payload: RawSpan) -> UInt32 {
        UInt32(bigEndian: payload.unsafeLoadUnaligned(fromByteOffset: headLength * index, as: UInt32.self))
    }

    /// The payload of these blocks; nil when they do not fit the format.
    ///
    /// - Parameter older: in wire order, the oldest first; offsets in clock units.
    package static func payload(
        older: [(payloadType: UInt8, timestampOffset: UInt16, data: [UInt8])],
        primary: (payloadType: UInt8, data: [UInt8])
    ) -> [UInt8]? {
        guard older.count < maximumBlocks,
            older.allSatisfy({ $0.data.count <= maximumLength && $0.timestampOffset <= maximumTimestampOffset })
        else { return nil }
        var writer = ByteWriter()
        for block in older {
            writer.write(0x80 | block.payloadType)
            writer.write24(UInt32(block.timestampOffset) << 10 | UInt32(block.data.count))
        }
        writer.write(primary.payloadType & 0x7F)
        for block in older { writer.write(block.data) }
        writer.write(primary.data)
        return writer.bytes
    }
}
