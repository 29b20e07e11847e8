/// PLI: the decoder has lost a picture and wants a keyframe (RFC 4585 §6.3.1).
package struct PictureLossIndication: Sendable, BitwiseCopyable, Equatable {
    package var senderSSRC: UInt32
    /// The stream the keyframe is wanted of.
    package var mediaSSRC: UInt32

    package init(senderSSRC: UInt32, mediaSSRC: UInt32) {
        self.senderSSRC = senderSSRC
        self.mediaSSRC = mediaSSRC
    }

    init(parsing body: RawSpan) throws(ParseError) {
        var reader = ByteReader(body)
        senderSSRC = try reader.uint32()
        mediaSSRC = try reader.uint32()
    }

    package func serialize(into writer: inout ByteWriter) {
        writer.writeRTCP(.payloadFeedback, count: RTCPHeader.PayloadFormat.pictureLossIndication) { writer in
            writer.write(senderSSRC)
            writer.write(mediaSSRC)
        }
    }
}
