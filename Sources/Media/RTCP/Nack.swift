/// Generic NACK: packets of one stream to send again (RFC 4585 §6.2.1). At most `maximumItems` items of up to 17
/// packets each, more than one MTU holds.
package struct Nack: Sendable, Equatable {
    package static let maximumItems = 400

    package var senderSSRC: UInt32
    /// The stream the packets belong to.
    package var mediaSSRC: UInt32
    /// In the order of the items; ascending (mod 2¹⁶) packs best.
    package var sequenceNumbers: [UInt16]

    package init(senderSSRC: UInt32, mediaSSRC: UInt32, sequenceNumbers: [UInt16]) {
        self.senderSSRC = senderSSRC
        self.mediaSSRC = mediaSSRC
        self.sequenceNumbers = sequenceNumbers
    }

    init(parsing body: RawSpan) throws(ParseError) {
        var reader = ByteReader(body)
        senderSSRC = try reader.uint32()
        mediaSSRC = try reader.uint32()
        guard reader.remaining <= 4 * Self.maximumItems else { throw .tooLarge("NACK items") }
        sequenceNumbers = []
        while !reader.isAtEnd {
            let item = Item(packetID: try reader.uint16(), followingLost: try reader.uint16())
            item.expand(into: &sequenceNumbers)
        }
    }

    package func serialize(into writer: inout ByteWriter) {
        writer.writeRTCP(.transportFeedback, count: RTCPHeader.TransportFormat.nack) { writer in
            writer.write(senderSSRC)
            writer.write(mediaSSRC)
            for item in Item.compact(sequenceNumbers).prefix(Self.maximumItems) {
                writer.write(item.packetID)
                writer.write(item.followingLost)
            }
        }
    }

    /// A lost packet (PID) and a mask of the sixteen behind it (BLP), the next one in the lowest bit.
    struct Item: BitwiseCopyable, Equatable {
        var packetID: UInt16
        var followingLost: UInt16

        func expand(into list: inout [UInt16]) {
            list.append(packetID)
            for bit in 0..<16 where followingLost >> UInt16(bit) & 1 != 0 {
                list.append(packetID &+ UInt16(bit + 1))
            }
        }

        /// Packs greedily in the order given; repeated numbers within an item are merged.
        static func compact(_ list: [UInt16]) -> [Item] {
            var items: [Item] = []
            for number in list {
                if let last = items.last {
                    let ahead = number &- last.packetID
                    if ahead == 0 { continue }
                    if ahead <= 16 {
                        items[items.count - 1].followingLost |= 1 << (ahead - 1)
                        continue
                    }
                }
                items.append(Item(packetID: number, followingLost: 0))
            }
            return items
        }
    }
}
