/// The attribute types of RFC 8489 §18.3 and RFC 8445 §16.1 that are spoken here.
enum STUNAttribute {
    static let mappedAddress: UInt16 = 0x0001
    static let username: UInt16 = 0x0006
    static let messageIntegrity: UInt16 = 0x0008
    static let errorCode: UInt16 = 0x0009
    static let unknownAttributes: UInt16 = 0x000A
    static let messageIntegritySHA256: UInt16 = 0x001C
    static let xorMappedAddress: UInt16 = 0x0020
    static let priority: UInt16 = 0x0024
    static let useCandidate: UInt16 = 0x0025
    static let software: UInt16 = 0x8022
    static let fingerprint: UInt16 = 0x8028
    static let iceControlled: UInt16 = 0x8029
    static let iceControlling: UInt16 = 0x802A

    /// An agent that does not know a type of the lower half must not go on as if it were not there (RFC 8489 §14).
    static func isComprehensionRequired(_ type: UInt16) -> Bool { type < 0x8000 }
}

/// The value of ERROR-CODE (RFC 8489 §14.8).
package struct STUNErrorCode: Equatable, Sendable {
    /// 300...699.
    package var code: Int
    package var reason: String

    package init(code: Int, reason: String) {
        self.code = code
        self.reason = reason
    }

    package static let badRequest = STUNErrorCode(code: 400, reason: "Bad Request")
    package static let unknownAttribute = STUNErrorCode(code: 420, reason: "Unknown Attribute")
    package static let roleConflict = STUNErrorCode(code: 487, reason: "Role Conflict")
}

/// The 96 bits that tie a response to its request.
package struct STUNTransactionID: Hashable, Sendable, BitwiseCopyable {
    package let high: UInt32
    package let low: UInt64

    package init(high: UInt32, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Must come from a secure generator where it guards against off-path answers (RFC 8489 §6).
    package static func random(using generator: inout some RandomNumberGenerator) -> Self {
        Self(high: .random(in: 0...UInt32.max, using: &generator), low: .random(in: 0...UInt64.max, using: &generator))
    }
}
