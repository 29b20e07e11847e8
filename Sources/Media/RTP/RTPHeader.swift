/// The RTP header (RFC 3550 §5.1) and where everything lies in the packet it was read from. Parsed once a packet,
/// without allocating; offsets and lengths are bytes from the start of the packet.
///
/// `parsing` wants the packet in the clear: padding is counted by the last byte, which SRTP encrypts.
package struct RTPHeader: Sendable, BitwiseCopyable, Equatable {
    /// The fixed header; what follows it is at `fixedLength`.
    package static let fixedLength = 12
    /// `extensionProfile` of one-byte header extensions (RFC 8285 §4.2).
    package static let oneByteProfile: UInt16 = 0xBEDE
    /// `extensionProfile` of two-byte header extensions (RFC 8285 §4.3); the low four bits are the application's.
    package static let twoByteProfile: UInt16 = 0x1000

    package var marker: Bool
    /// 0...127.
    package var payloadType: UInt8
    package var sequenceNumber: UInt16
    /// In units of the payload type's clock rate.
    package var timestamp: UInt32
    package var ssrc: UInt32
    /// 0...15; the list starts at `fixedLength`.
    package var csrcCount: Int
    /// The "defined by profile" number of the extension, nil when there is none.
    package var extensionProfile: UInt16?
    /// Where the extension's elements start, behind its four-byte head; 0 without an extension.
    package var extensionOffset: Int
    /// A multiple of four, 0 without an extension.
    package var extensionLength: Int
    package var payloadOffset: Int
    /// Without padding.
    package var payloadLength: Int
    /// 0...255, the count byte included.
    package var paddingLength: Int

    @inlinable
    package var extensionRange: (offset: Int, length: Int) { (extensionOffset, extensionLength) }

    /// Reads the header of the RTP packet that fills `packet`.
    @inlinable
    package init(parsing packet: RawSpan) throws(ParseError) {
        let count = packet.byteCount
        guard count >= Self.fixedLength else { throw .truncated }
        let first = packet.uncheckedUInt8(at: 0)
        guard first >> 6 == 2 else { throw .malformed("RTP version") }
        let second = packet.uncheckedUInt8(at: 1)
        marker = second & 0x80 != 0
        payloadType = second & 0x7F
        sequenceNumber = packet.uncheckedUInt16(at: 2)
        timestamp = packet.uncheckedUInt32(at: 4)
        ssrc = packet.uncheckedUInt32(at: 8)
        csrcCount = Int(first & 0x0F)

        var offset = Self.fixedLength + 4 * csrcCount
        if first & 0x10 != 0 {
            guard offset + 4 <= count else { throw .truncated }
            extensionProfile = packet.uncheckedUInt16(at: offset)
            extensionOffset = offset + 4
            extensionLength = 4 * Int(packet.uncheckedUInt16(at: offset + 2))
            offset = extensionOffset + extensionLength
        } else {
            extensionProfile = nil
            extensionOffset = 0
            extensionLength = 0
        }
        guard offset <= count else { throw .truncated }
        payloadOffset = offset

        if first & 0x20 != 0 {
            guard offset < count else { throw .truncated }
            paddingLength = Int(packet.uncheckedUInt8(at: count - 1))
            guard paddingLength > 0, paddingLength <= count - offset else { throw .malformed("RTP padding") }
        } else {
            paddingLength = 0
        }
        payloadLength = count - offset - paddingLength
    }

    /// Writes the twelve bytes of a fixed header without CSRCs at `destination`.
    @inlinable
    package static func write(
        to destination: UnsafeMutableRawPointer, marker: Bool, payloadType: UInt8, sequenceNumber: UInt16,
        timestamp: UInt32, ssrc: UInt32, hasExtension: Bool = false, hasPadding: Bool = false
    ) {
        let first: UInt8 = 0x80 | (hasPadding ? 0x20 : 0) | (hasExtension ? 0x10 : 0)
        destination.storeBytes(of: first, as: UInt8.self)
        destination.storeBytes(of: (marker ? 0x80 : 0) | payloadType & 0x7F, toByteOffset: 1, as: UInt8.self)
        destination.storeBytes(of: sequenceNumber.bigEndian, toByteOffset: 2, as: UInt16.self)
        destination.storeBytes(of: timestamp.bigEndian, toByteOffset: 4, as: UInt32.self)
        destination.storeBytes(of: ssrc.bigEndian, toByteOffset: 8, as: UInt32.self)
    }
}

extension RTPHeader {
    /// The payload within the packet this header was read from, without padding; empty for any shorter packet.
    @inlinable
    @_lifetime(copy packet)
    package func payload(of packet: RawSpan) -> RawSpan {
        guard payloadOffset + payloadLength <= packet.byteCount else { return packet.extracting(first: 0) }
        return packet.extracting(payloadOffset..<payloadOffset + payloadLength)
    }

    /// The header extension elements of the packet this header was read from.
    @inlinable
    @_lifetime(copy packet)
    package func extensions(of packet: RawSpan) -> RTPHeaderExtensions {
        RTPHeaderExtensions(packet, header: self)
    }
}
