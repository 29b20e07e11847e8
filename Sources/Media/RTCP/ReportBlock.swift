/// How one stream is received (RFC 3550 §6.4.1).
package struct ReportBlock: Sendable, BitwiseCopyable, Equatable {
    package static let byteCount = 24

    /// The stream reported on.
    package var ssrc: UInt32
    /// Of the packets since the last report, in 1/256.
    package var fractionLost: UInt8
    /// 24 bits, signed: duplicates make it negative. Saturates when serialized.
    package var cumulativeLost: Int32
    /// Sixteen bits of cycles over the highest sequence number.
    package var highestSequence: UInt32
    /// In the stream's clock units.
    package var jitter: UInt32
    /// The middle 32 bits of the last sender report's NTP time; 0 when there was none.
    package var lastSR: UInt32
    /// In 1/65536 s; 0 when there was no sender report.
    package var delaySinceLastSR: UInt32

    package init(
        ssrc: UInt32, fractionLost: UInt8, cumulativeLost: Int32, highestSequence: UInt32, jitter: UInt32,
        lastSR: UInt32, delaySinceLastSR: UInt32
    ) {
        self.ssrc = ssrc
        self.fractionLost = fractionLost
        self.cumulativeLost = cumulativeLost
        self.highestSequence = highestSequence
        self.jitter = jitter
        self.lastSR = lastSR
        self.delaySinceLastSR = delaySinceLastSR
    }

    init(from reader: inout ByteReader) throws(ParseError) {
        ssrc = try reader.uint32()
        fractionLost = try reader.uint8()
        cumulativeLost = Int32(signExtending24: try reader.uint24())
        highestSequence = try reader.uint32()
        jitter = try reader.uint32()
        lastSR = try reader.uint32()
        delaySinceLastSR = try reader.uint32()
    }

    func serialize(into writer: inout ByteWriter) {
        writer.write(ssrc)
        writer.write(fractionLost)
        writer.write24(UInt32(bitPattern: max(-0x80_0000, min(cumulativeLost, 0x7F_FFFF))))
        writer.write(highestSequence)
        writer.write(jitter)
        writer.write(lastSR)
        writer.write(delaySinceLastSR)
    }

    /// The round trip as the sender of the report's SR computes it on receiving this block (RFC 3550 §6.4.1, figure 2):
    /// A − LSR − DLSR. Nil without an SR, or when clock rounding makes it negative.
    package func roundTrip(receivedAt now: NTPTime) -> Duration? {
        guard lastSR != 0 else { return nil }
        let units = now.middle &- lastSR &- delaySinceLastSR
        return units < 1 << 31 ? Duration(ntpShort: units) : nil
    }
}

extension Int32 {
    /// From the low 24 bits, two's complement.
    init(signExtending24 value: UInt32) {
        self = Int32(bitPattern: value << 8) >> 8
    }
}
