/// BYE: sources that stop sending (RFC 3550 §6.6). At most 31.
package struct Goodbye: Sendable, Equatable {
    package var ssrcs: [UInt32]
    /// At most 255 bytes of UTF-8; empty counts as none when serialized.
    package var reason: String?

    package init(ssrcs: [UInt32], reason: String? = nil) {
        self.ssrcs = ssrcs
        self.reason = reason
    }

    init(parsing body: RawSpan, count: Int) throws(ParseError) {
        var reader = ByteReader(body)
        ssrcs = []
        for _ in 0..<count { ssrcs.append(try reader.uint32()) }
        if reader.isAtEnd {
            reason = nil
        } else {
            let length = Int(try reader.uint8())
            let text = try reader.bytes(length)
            reason = text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
        }
    }

    package func serialize(into writer: inout ByteWriter) {
        let ssrcs = ssrcs.prefix(RTCPHeader.maximumCount)
        writer.writeRTCP(.goodbye, count: ssrcs.count) { writer in
            for ssrc in ssrcs { writer.write(ssrc) }
            if let reason, !reason.isEmpty {
                let text = reason.utf8.prefix(255)
                writer.write(UInt8(text.count))
                writer.write(text)
            }
        }
    }
}
