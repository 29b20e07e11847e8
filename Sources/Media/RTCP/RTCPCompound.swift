/// The RTCP packets of one datagram (RFC 3550 §6.1).
///
/// Departs from §6.1: the first packet may be of any type and SDES may be missing, as reduced-size RTCP allows
/// (RFC 5506), which every WebRTC endpoint uses. One bad packet refuses the whole datagram.
package enum RTCPCompound {
    /// A datagram, and more than any path carries.
    package static let maximumByteCount = 4096
    package static let maximumPackets = 64

    package static func parse(_ bytes: RawSpan) throws(ParseError) -> [RTCPPacket] {
        guard bytes.byteCount <= maximumByteCount else { throw .tooLarge("RTCP bytes") }
        var reader = ByteReader(bytes)
        var packets: [RTCPPacket] = []
        repeat {
            guard packets.count < maximumPackets else { throw .tooLarge("RTCP packets") }
            var header = RTCPHeader(count: 0, packetType: 0)
            let body = try RTCPHeader.next(from: &reader, header: &header)
            packets.append(try RTCPPacket(header, body))
        } while !reader.isAtEnd
        return packets
    }

    /// The packets behind one another. A transport feedback may end in padding and so belongs last.
    package static func serialize(_ packets: [RTCPPacket]) -> [UInt8] {
        var writer = ByteWriter(capacity: 256)
        for packet in packets { packet.serialize(into: &writer) }
        return writer.bytes
    }
}
