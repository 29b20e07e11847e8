/// A redundant audio payload (RFC 2198): older blocks first, the primary one last. Only read here; the relay passes RED
/// through. At most `maximumBlocks` blocks.
package struct RED: Sendable, Equatable {
    package static let maximumBlocks = 16

    package struct Block: Sendable, BitwiseCopyable, Equatable {
        package var payloadType: UInt8
        /// How much older than the packet's timestamp, 14 bits, in clock units; 0 for the primary block.
        package var timestampOffset: UInt16
        /// Where the block's data lies in the RED payload.
        package var offset: Int
        package var length: Int
    }

    /// In wire order, so the primary block is the last one; never empty.
    package let blocks: [Block]

    package var primary: Block { blocks[blocks.count - 1] }

    package init(parsing payload: RawSpan) throws(ParseError) {
        var reader = ByteReader(payload)
        var blocks: [Block] = []
        while true {
            guard blocks.count < Self.maximumBlocks else { throw .tooLarge("RED blocks") }
            let head = try reader.uint8()
            let payloadType = head & 0x7F
            if head & 0x80 == 0 {
                blocks.append(Block(payloadType: payloadType, timestampOffset: 0, offset: 0, length: 0))
                break
            }
            let rest = try reader.uint24()
            blocks.append(
                Block(
                    payloadType: payloadType, timestampOffset: UInt16(rest >> 10), offset: 0,
                    length: Int(rest & 0x3FF)))
        }
        let last = blocks.count - 1
        for index in 0..<last {
            blocks[index].offset = reader.offset
            try reader.skip(blocks[index].length)
        }
        blocks[last].offset = reader.offset
        blocks[last].length = reader.remaining
        self.blocks = blocks
    }
}
