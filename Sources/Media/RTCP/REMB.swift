/// REMB: what the receiver believes the path can carry (draft-alvestrand-rmcat-remb-03 §2.2). At most 255 streams.
package struct REMB: Sendable, Equatable {
    static let identifier: UInt32 = 0x5245_4D42

    package var senderSSRC: UInt32
    /// Bits a second. Serialized with 18 significant bits, rounded down.
    package var bitrate: UInt64
    /// The streams the bitrate is for, together.
    package var ssrcs: [UInt32]

    package init(senderSSRC: UInt32, bitrate: UInt64, ssrcs: [UInt32]) {
        self.senderSSRC = senderSSRC
        self.bitrate = bitrate
        self.ssrcs = ssrcs
    }

    /// Nil when the application-layer feedback is of another kind.
    init?(parsing body: RawSpan) throws(ParseError) {
        var reader = ByteReader(body)
        senderSSRC = try reader.uint32()
        // The media source field is always 0.
        try reader.skip(4)
        guard reader.remaining >= 4, try reader.uint32() == Self.identifier else { return nil }
        let count = Int(try reader.uint8())
        let packed = try reader.uint24()
        let (exponent, mantissa) = (packed >> 18, UInt64(packed & 0x3FFFF))
        bitrate = mantissa << exponent
        guard bitrate >> exponent == mantissa else { throw .malformed("REMB bitrate") }
        ssrcs = []
        for _ in 0..<count { ssrcs.append(try reader.uint32()) }
    }

    package func serialize(into writer: inout ByteWriter) {
        writer.writeRTCP(.payloadFeedback, count: RTCPHeader.PayloadFormat.applicationLayer) { writer in
            let ssrcs = ssrcs.prefix(255)
            let exponent = max(0, 64 - bitrate.leadingZeroBitCount - 18)
            writer.write(senderSSRC)
            writer.write(UInt32(0))
            writer.write(Self.identifier)
            writer.write(UInt8(ssrcs.count))
            writer.write24(UInt32(exponent) << 18 | UInt32(bitrate >> UInt64(exponent)))
            for ssrc in ssrcs { writer.write(ssrc) }
        }
    }
}
