/// The four bytes every RTCP packet begins with (RFC 3550 §6.4.1): version, padding, a count or format, the packet type
/// and the length in 32-bit words less one.
struct RTCPHeader: BitwiseCopyable {
    /// What the five-bit count can say: blocks, chunks or sources in one packet.
    static let maximumCount = 31

    /// Packet types (RFC 3550 §12.1, RFC 4585 §6.1, RFC 3611 §2).
    enum PacketType: UInt8 {
        case senderReport = 200
        case receiverReport = 201
        case sourceDescription = 202
        case goodbye = 203
        case transportFeedback = 205
        case payloadFeedback = 206
        case extendedReports = 207
    }

    /// Formats of transport-layer feedback (RFC 4585 §6.2, draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
    enum TransportFormat {
        static let nack = 1
        static let transportWide = 15
    }

    /// Formats of payload-specific feedback (RFC 4585 §6.3, RFC 5104 §4.3.1, RFC 4585 §6.4).
    enum PayloadFormat {
        static let pictureLossIndication = 1
        static let fullIntraRequest = 4
        static let applicationLayer = 15
    }

    /// Report count, source count, subtype or feedback message type.
    let count: Int
    let packetType: UInt8

    /// Reads one packet's header and takes its body, without padding, off `reader`.
    @_lifetime(copy reader)
    static func next(from reader: inout ByteReader, header: inout RTCPHeader) throws(ParseError) -> RawSpan {
        let first = try reader.uint8()
        guard first >> 6 == 2 else { throw .malformed("RTCP version") }
        header = RTCPHeader(count: Int(first & 0x1F), packetType: try reader.uint8())
        let length = 4 * Int(try reader.uint16())
        let body = try reader.span(length)
        guard first & 0x20 != 0 else { return body }
        // Only the last packet of a compound may be padded (§6.4.1).
        guard reader.isAtEnd, length > 0 else { throw .malformed("RTCP padding") }
        let padding = Int(body.uncheckedUInt8(at: length - 1))
        guard padding > 0, padding <= length else { throw .malformed("RTCP padding") }
        return body.extracting(0..<length - padding)
    }
}

extension ByteWriter {
    /// Writes one RTCP packet: its header, what `body` writes, zeros up to four bytes and the length.
    mutating func writeRTCP(
        _ type: RTCPHeader.PacketType, count: Int, isPadded: Bool = false, _ body: (inout ByteWriter) -> Void
    ) {
        writeRTCP(type.rawValue, count: count, isPadded: isPadded, body)
    }

    /// As above for any packet type. With `isPadded`, what is missing to four bytes is padding as RFC 3550 counts it, so
    /// this must be the last packet of its compound.
    mutating func writeRTCP(
        _ type: UInt8, count: Int, isPadded: Bool = false, _ body: (inout ByteWriter) -> Void
    ) {
        let start = self.count
        write(UInt8(0x80 | count & 0x1F))
        write(type)
        write(UInt16(0))
        body(&self)
        let missing = -(self.count - start) & 3
        for index in 0..<missing {
            write(isPadded && index == missing - 1 ? UInt8(missing) : 0)
        }
        overwrite(at: start + 2, UInt16(truncatingIfNeeded: (self.count - start) / 4 - 1))
    }
}
