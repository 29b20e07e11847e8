/// FIR: a command to send a keyframe (RFC 5104 §4.3.1). At most `maximumEntries` streams.
package struct FullIntraRequest: Sendable, Equatable {
    package static let maximumEntries = 128

    package struct Entry: Sendable, BitwiseCopyable, Equatable {
        /// The stream the keyframe is wanted of.
        package var ssrc: UInt32
        /// Goes up by one a new command; a repetition keeps it.
        package var sequenceNumber: UInt8

        package init(ssrc: UInt32, sequenceNumber: UInt8) {
            self.ssrc = ssrc
            self.sequenceNumber = sequenceNumber
        }
    }

    package var senderSSRC: UInt32
    package var entries: [Entry]

    package init(senderSSRC: UInt32, entries: [Entry]) {
        self.senderSSRC = senderSSRC
        self.entries = entries
    }

    init(parsing body: RawSpan) throws(ParseError) {
        var reader = ByteReader(body)
        senderSSRC = try reader.uint32()
        // The media source field means nothing in FIR (§4.3.1.2).
        try reader.skip(4)
        guard reader.remaining <= 8 * Self.maximumEntries else { throw .tooLarge("FIR entries") }
        entries = []
        while !reader.isAtEnd {
            entries.append(Entry(ssrc: try reader.uint32(), sequenceNumber: try reader.uint8()))
            try reader.skip(3)
        }
    }

    package func serialize(into writer: inout ByteWriter) {
        writer.writeRTCP(.payloadFeedback, count: RTCPHeader.PayloadFormat.fullIntraRequest) { writer in
            writer.write(senderSSRC)
            writer.write(UInt32(0))
            for entry in entries.prefix(Self.maximumEntries) {
                writer.write(entry.ssrc)
                writer.write(UInt32(entry.sequenceNumber) << 24)
            }
        }
    }
}
