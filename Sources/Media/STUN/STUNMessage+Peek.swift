extension STUNMessage {
    /// Whether a datagram is STUN: the first byte's range of RFC 7983 §7 and the magic cookie. Costs two loads.
    package static func looksLikeSTUN(_ datagram: RawSpan) -> Bool {
        guard datagram.byteCount >= headerSize else { return false }
        return datagram.unsafeLoad(fromUncheckedByteOffset: 0, as: UInt8.self) <= 3
            && datagram.unsafeLoadUnaligned(fromUncheckedByteOffset: 4, as: UInt32.self) == magicCookie.bigEndian
    }

    /// The part of USERNAME before the colon, which in a check is the receiver's fragment (RFC 8445 §7.2.2): it names
    /// the session that a datagram from an unknown address belongs to. Proves nothing; nil where there is none.
    package static func localUfrag(of datagram: RawSpan) -> String? {
        guard looksLikeSTUN(datagram), datagram.byteCount <= maximumSize else { return nil }
        var reader = ByteReader(datagram)
        do throws(ParseError) {
            try reader.skip(headerSize)
            while !reader.isAtEnd {
                let type = try reader.uint16()
                let length = Int(try reader.uint16())
                guard type == STUNAttribute.username else {
                    try reader.skip(length + (-length & 3))
                    continue
                }
                let value = try reader.span(length)
                return value.withUnsafeBytes { bytes in
                    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon <= ICECredentials.maximumLength
                    else { return nil }
                    return String(validating: bytes[..<colon], as: UTF8.self)
                }
            }
        } catch {}
        return nil
    }
}
