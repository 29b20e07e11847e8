/// The framing of DTLS records (RFC 6347 §4.1), read before OpenSSL sees a datagram: type, version, epoch, sequence
/// number, length.
struct DTLSRecord {
    /// change_cipher_spec, alert, handshake or application_data: 20...23.
    let contentType: UInt8
    /// 0 is plaintext.
    let epoch: UInt16

    /// Reads a record off the front of `reader`, its fragment included.
    init(parsing reader: inout ByteReader) throws(ParseError) {
        contentType = try reader.uint8()
        guard 20...23 ~= contentType else { throw .malformed("content type") }
        let version = try reader.uint16()
        guard version == 0xfefd || version == 0xfeff else { throw .unsupported("version") }
        epoch = try reader.uint16()
        try reader.skip(6)
        let length = try reader.uint16()
        guard length > 0 else { throw .malformed("length") }
        try reader.skip(Int(length))
    }

    /// What one datagram holds, as far as it bears on whether to take it.
    struct Census {
        /// Application data in plaintext, which nobody may send.
        var plaintextData = false
        /// A record of an epoch with keys.
        var encrypted = false
    }

    /// Walks every record of `datagram`; throws where the framing is broken.
    static func census(of datagram: RawSpan) throws(ParseError) -> Census {
        var reader = ByteReader(datagram)
        var census = Census()
        repeat {
            let record = try DTLSRecord(parsing: &reader)
            if record.epoch > 0 {
                census.encrypted = true
            } else if record.contentType == 23 {
                census.plaintextData = true
            }
        } while !reader.isAtEnd
        return census
    }
}
