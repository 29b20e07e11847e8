/// SDES: names for sources (RFC 3550 §6.5). At most 31 chunks.
package struct SourceDescription: Sendable, Equatable {
    /// Item types (RFC 3550 §6.5, RFC 8852 §3, RFC 9143 §15).
    package enum ItemType {
        package static let cname: UInt8 = 1
        package static let rid: UInt8 = 12
        package static let repairedRID: UInt8 = 13
        package static let mid: UInt8 = 15
    }

    package struct Item: Sendable, Equatable {
        /// 1...255.
        package var type: UInt8
        /// UTF-8, at most 255 bytes.
        package var text: [UInt8]

        package init(type: UInt8, text: [UInt8]) {
            self.type = type
            self.text = text
        }
    }

    package struct Chunk: Sendable, Equatable {
        package var ssrc: UInt32
        package var items: [Item]

        package init(ssrc: UInt32, items: [Item]) {
            self.ssrc = ssrc
            self.items = items
        }

        package init(ssrc: UInt32, cname: String) {
            self.init(ssrc: ssrc, items: [Item(type: ItemType.cname, text: Array(cname.utf8))])
        }

        package var cname: String? {
            items.first { $0.type == ItemType.cname }.map { String(decoding: $0.text, as: UTF8.self) }
        }
    }

    package var chunks: [Chunk]

    package init(chunks: [Chunk]) {
        self.chunks = chunks
    }

    init(parsing body: RawSpan, count: Int) throws(ParseError) {
        var reader = ByteReader(body)
        chunks = []
        for _ in 0..<count {
            var chunk = Chunk(ssrc: try reader.uint32(), items: [])
            while true {
                let type = try reader.uint8()
                if type == 0 { break }
                let length = Int(try reader.uint8())
                chunk.items.append(Item(type: type, text: try reader.bytes(length)))
            }
            // The null that ends the list is followed by more up to the next 32-bit word.
            try reader.skip(-reader.offset & 3)
            chunks.append(chunk)
        }
    }

    package func serialize(into writer: inout ByteWriter) {
        let chunks = chunks.prefix(RTCPHeader.maximumCount)
        writer.writeRTCP(.sourceDescription, count: chunks.count) { writer in
            for chunk in chunks {
                let start = writer.count
                writer.write(chunk.ssrc)
                for item in chunk.items where item.type != 0 {
                    let text = item.text.prefix(255)
                    writer.write(item.type)
                    writer.write(UInt8(text.count))
                    writer.write(text)
                }
                writer.write([UInt8](repeating: 0, count: 4 - (writer.count - start) & 3))
            }
        }
    }
}
