/// A type, a length and a value padded to four bytes: the form of SCTP's chunk parameters and of its error causes
/// (RFC 9260 §3.2.1 and §3.3.10).
struct SCTPParameter: Equatable {
    var type: UInt16
    var value: [UInt8]

    init(type: UInt16, value: [UInt8]) {
        self.type = type
        self.value = value
    }

    init(parsing reader: inout ByteReader) throws(ParseError) {
        type = try reader.uint16()
        let length = Int(try reader.uint16())
        guard length >= 4 else { throw .malformed("SCTP parameter length") }
        value = try reader.bytes(length - 4)
        // The padding of the last one may be missing.
        try reader.skip(min(-length & 3, reader.remaining))
    }

    func serialize(into writer: inout ByteWriter) {
        writer.write(type)
        writer.write(UInt16(clamping: value.count + 4))
        writer.write(value.prefix(Int(UInt16.max) - 4))
        writer.pad(to: 4)
    }

    /// With its header and padding.
    var paddedSize: Int { (value.count + 7) & ~3 }

    /// All parameters up to the end.
    static func list(parsing reader: inout ByteReader) throws(ParseError) -> [SCTPParameter] {
        var list: [SCTPParameter] = []
        while !reader.isAtEnd { list.append(try SCTPParameter(parsing: &reader)) }
        return list
    }
}

extension SCTPParameter {
    static let stateCookie: UInt16 = 7
    static let unrecognizedParameter: UInt16 = 8
    static let outgoingReset: UInt16 = 13
    static let incomingReset: UInt16 = 14
    static let tsnReset: UInt16 = 15
    static let reconfigurationResponse: UInt16 = 16
    static let addOutgoingStreams: UInt16 = 17
    static let addIncomingStreams: UInt16 = 18
    /// RFC 5061 §4.2.7: the chunk types understood beyond the basic ones.
    static let supportedExtensions: UInt16 = 0x8008
    /// RFC 3758 §3.1.
    static let forwardTSNSupported: UInt16 = 0xC000

    /// Understood, or meant for what data channels do not use: addresses (5, 6, 11), cookie preservation (9), ECN.
    static let known: Set<UInt16> = [5, 6, 7, 8, 9, 11, 0x8000, 0x8008, 0xC000]

    /// The two high bits of an unknown type say whether the parameters behind it count and whether to report it.
    var stopsProcessing: Bool { type & 0x8000 == 0 }
    var wantsReport: Bool { type & 0x4000 != 0 }
}

/// Codes of error causes (RFC 9260 §3.3.10).
enum SCTPErrorCause {
    static let invalidStream: UInt16 = 1
    static let staleCookie: UInt16 = 3
    static let unrecognizedChunk: UInt16 = 6
    static let invalidMandatoryParameter: UInt16 = 7
    static let userInitiatedAbort: UInt16 = 12
    static let protocolViolation: UInt16 = 13
}
