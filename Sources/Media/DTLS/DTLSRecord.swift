/// The framing of DTLS records (RFC 6347 §4.1): type, version, epoch, sequence number, length.
struct DTLSRecord {
    static let headerLength = 13

    /// change_cipher_spec, alert, handshake or application_data: 20...23.
    let contentType: UInt8
    let version: UInt16
    /// 0 is plaintext.
    let epoch: UInt16
    /// The sequence number within the epoch, 48 bits.
    let number: UInt64
    /// Where in the datagram its content is.
    let fragment: Range<Int>

    /// Reads a record off the front of `reader`, its fragment included.
    init(parsing reader: inout ByteReader) throws(ParseError) {
        contentType = try reader.uint8()
        guard 20...23 ~= contentType else { throw .malformed("content type") }
        version = try reader.uint16()
        guard version == 0xfefd || version == 0xfeff else { throw .unsupported("version") }
        let place = try reader.uint64()
        epoch = UInt16(truncatingIfNeeded: place >> 48)
        number = place & (1 << 48 - 1)
        let length = Int(try reader.uint16())
        guard length > 0 else { throw .malformed("length") }
        fragment = reader.offset..<reader.offset + length
        try reader.skip(length)
    }

    /// What one datagram holds, as far as it bears on whether to take it.
    struct Census {
        /// Application data in plaintext, which nobody may send.
        var plaintextData = false
        /// A record of an epoch with keys.
        var encrypted = false
        /// The highest number of such a record.
        var highest: UInt64 = 0
    }

    /// Walks every record of `datagram`; throws where the framing is broken.
    static func census(of datagram: RawSpan) throws(ParseError) -> Census {
        var reader = ByteReader(datagram)
        var census = Census()
        repeat {
            let record = try DTLSRecord(parsing: &reader)
            if record.epoch > 0 {
                census.encrypted = true
                census.highest = max(census.highest, record.number)
            } else if record.contentType == 23 {
                census.plaintextData = true
            }
        } while !reader.isAtEnd
        return census
    }

    /// Lends every record of an epoch with keys in `datagram`, up to where its framing is broken.
    static func forEachProtected(of datagram: RawSpan, _ body: (DTLSRecord) -> Void) {
        var reader = ByteReader(datagram)
        while !reader.isAtEnd, let record = try? DTLSRecord(parsing: &reader) {
            if record.epoch > 0 { body(record) }
        }
    }
}
