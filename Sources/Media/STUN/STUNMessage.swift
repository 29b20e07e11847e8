/// A STUN message (RFC 8489) with the attributes that ICE connectivity checks use (RFC 8445 §7), typed.
///
/// Departures: the original STUN of RFC 3489 (no magic cookie) is refused, MESSAGE-INTEGRITY-SHA256 is skipped because
/// ICE does not negotiate it, and passwords are used as they are, for ICE's are plain ASCII.
package struct STUNMessage: Sendable {
    package enum Class: UInt8, Sendable {
        case request = 0
        case indication = 1
        case success = 2
        case failure = 3
    }

    /// Twelve bits; ICE knows only Binding.
    package struct Method: Hashable, Sendable {
        package let rawValue: UInt16
        package static let binding = Method(rawValue: 1)
    }

    package static let magicCookie: UInt32 = 0x2112_A442
    static let headerSize = 20
    /// A check with every attribute we know has under 900 bytes (RFC 8489 §14.3 caps USERNAME at 508).
    static let maximumSize = 2048
    static let maximumUsername = 508
    static let maximumText = 763

    package var `class`: Class
    package var method: Method
    package var transactionID: STUNTransactionID

    package var username: String?
    package var priority: UInt32?
    package var useCandidate = false
    /// The tie-breaker of an agent that believes it is controlling.
    package var iceControlling: UInt64?
    /// The tie-breaker of an agent that believes it is controlled.
    package var iceControlled: UInt64?
    package var xorMappedAddress: TransportAddress?
    package var errorCode: STUNErrorCode?
    package var software: String?
    /// In a 420 response: what the other side did not understand.
    package var unknownAttributes: [UInt16] = []

    /// Comprehension-required types met while parsing that are not understood here; a request that has any is
    /// answered with a 420.
    package private(set) var notUnderstood: [UInt16] = []

    /// What was parsed, for the checks that run over the bytes themselves; empty in a message built here.
    private(set) var received: [UInt8] = []
    /// Where the MESSAGE-INTEGRITY attribute starts in `received`.
    private(set) var integrityOffset: Int?
    /// Where the FINGERPRINT attribute starts in `received`.
    private(set) var fingerprintOffset: Int?

    package init(_ class: Class, _ method: Method = .binding, transactionID: STUNTransactionID) {
        self.class = `class`
        self.method = method
        self.transactionID = transactionID
    }

    /// The response to this request, still without attributes.
    package func response(_ class: Class) -> STUNMessage {
        STUNMessage(`class`, method, transactionID: transactionID)
    }

    /// A whole datagram. Reads structure only: `verifyIntegrity` and `verifyFingerprint` judge what it proves.
    package init(parsing bytes: RawSpan) throws(ParseError) {
        guard bytes.byteCount <= Self.maximumSize else { throw .tooLarge("STUN message") }
        var reader = ByteReader(bytes)
        let type = try reader.uint16()
        guard type & 0xC000 == 0 else { throw .malformed("STUN type") }
        `class` = Class(rawValue: UInt8(type >> 4 & 1 | type >> 7 & 2))!
        method = Method(rawValue: type & 0xF | type >> 1 & 0x70 | type >> 2 & 0xF80)
        let length = Int(try reader.uint16())
        guard try reader.uint32() == Self.magicCookie else { throw .unsupported("STUN without magic cookie") }
        transactionID = STUNTransactionID(high: try reader.uint32(), low: try reader.uint64())
        guard length <= reader.remaining else { throw .truncated }
        guard length == reader.remaining, length % 4 == 0 else { throw .malformed("STUN length") }
        received = bytes.array
        while !reader.isAtEnd {
            try parseAttribute(&reader)
        }
    }

    private mutating func parseAttribute(_ reader: inout ByteReader) throws(ParseError) {
        let start = reader.offset
        let type = try reader.uint16()
        let length = Int(try reader.uint16())
        let value = try reader.span(length)
        try reader.skip(-length & 3)
        // Nothing counts after FINGERPRINT, and only FINGERPRINT after MESSAGE-INTEGRITY (RFC 8489 §14.5, §14.7).
        guard fingerprintOffset == nil else { throw .malformed("STUN attribute after FINGERPRINT") }
        guard integrityOffset == nil || type == STUNAttribute.fingerprint else { return }
        switch type {
        case STUNAttribute.messageIntegrity:
            guard length == 20 else { throw .malformed("MESSAGE-INTEGRITY") }
            integrityOffset = start
        case STUNAttribute.fingerprint:
            guard length == 4 else { throw .malformed("FINGERPRINT") }
            fingerprintOffset = start
        default:
            try parse(type, value)
        }
    }

    /// The first of several attributes of one type counts (RFC 8489 §14).
    private mutating func parse(_ type: UInt16, _ value: RawSpan) throws(ParseError) {
        var reader = ByteReader(value)
        switch type {
        case STUNAttribute.username where username == nil:
            username = try Self.text(value, atMost: Self.maximumUsername)
        case STUNAttribute.software where software == nil:
            software = try Self.text(value, atMost: Self.maximumText)
        case STUNAttribute.priority where priority == nil:
            priority = try reader.uint32()
        case STUNAttribute.useCandidate:
            useCandidate = true
        case STUNAttribute.iceControlling where iceControlling == nil:
            iceControlling = try reader.uint64()
        case STUNAttribute.iceControlled where iceControlled == nil:
            iceControlled = try reader.uint64()
        case STUNAttribute.xorMappedAddress where xorMappedAddress == nil:
            xorMappedAddress = try TransportAddress(xorMapped: value, transactionID)
        case STUNAttribute.errorCode where errorCode == nil:
            try reader.skip(2)
            let code = Int(try reader.uint8() & 7) * 100 + Int(try reader.uint8())
            guard 300...699 ~= code else { throw .malformed("ERROR-CODE") }
            errorCode = STUNErrorCode(code: code, reason: try Self.text(reader.rest(), atMost: Self.maximumText))
        case STUNAttribute.unknownAttributes where unknownAttributes.isEmpty:
            while !reader.isAtEnd { unknownAttributes.append(try reader.uint16()) }
        case STUNAttribute.username, STUNAttribute.priority, STUNAttribute.xorMappedAddress,
            STUNAttribute.errorCode, STUNAttribute.unknownAttributes, STUNAttribute.mappedAddress,
            STUNAttribute.messageIntegritySHA256:
            break
        default:
            if STUNAttribute.isComprehensionRequired(type) { notUnderstood.append(type) }
        }
    }

    private static func text(_ value: RawSpan, atMost limit: Int) throws(ParseError) -> String {
        guard value.byteCount <= limit else { throw .tooLarge("STUN text") }
        guard let text = String(validating: value.array, as: UTF8.self) else { throw .malformed("STUN text") }
        return text
    }
}
