internal import COpenSSL

extension STUNMessage {
    private static let integritySize = 20
    private static let fingerprintMask: UInt32 = 0x5354_554E

    /// Whether the message carries MESSAGE-INTEGRITY made with `password` (HMAC-SHA1, RFC 8489 §14.5), compared in
    /// constant time. False for a message without it, and for one that was not parsed from bytes.
    package func verifyIntegrity(password: String) -> Bool {
        guard let integrityOffset else { return false }
        var expected = Self.integrity(over: received[..<integrityOffset], password: password)
        let start = integrityOffset + 4
        return received[start..<start + Self.integritySize].withUnsafeBytes { actual in
            CRYPTO_memcmp(&expected, actual.baseAddress, Self.integritySize) == 0
        }
    }

    package var hasFingerprint: Bool { fingerprintOffset != nil }

    /// Whether the message ends in a right FINGERPRINT (RFC 8489 §14.7).
    package func verifyFingerprint() -> Bool {
        guard let fingerprintOffset else { return false }
        let expected = CRC32.checksum(received[..<fingerprintOffset]) ^ Self.fingerprintMask
        let actual = received[(fingerprintOffset + 4)...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return actual == expected
    }

    /// Appends MESSAGE-INTEGRITY and corrects the length field.
    static func appendIntegrity(password: String, to writer: inout ByteWriter) {
        let mac = integrity(over: writer.bytes[...], password: password)
        writer.write(STUNAttribute.messageIntegrity)
        writer.write(UInt16(integritySize))
        writer.write(mac)
        writer.overwrite(at: 2, UInt16(writer.count - headerSize))
    }

    /// Appends FINGERPRINT and corrects the length field, which the checksum already counts with it.
    static func appendFingerprint(to writer: inout ByteWriter) {
        writer.overwrite(at: 2, UInt16(writer.count - headerSize + 8))
        let checksum = CRC32.checksum(writer.bytes) ^ fingerprintMask
        writer.write(STUNAttribute.fingerprint)
        writer.write(UInt16(4))
        writer.write(checksum)
    }

    /// The MAC of the message up to MESSAGE-INTEGRITY, with a length field that ends just after that attribute whatever
    /// follows it.
    private static func integrity(over prefix: ArraySlice<UInt8>, password: String) -> [UInt8] {
        var message = Array(prefix)
        let length = UInt16(message.count - headerSize + 4 + integritySize)
        message[2] = UInt8(length >> 8)
        message[3] = UInt8(truncatingIfNeeded: length)
        let key = Array(password.utf8)
        var mac = [UInt8](repeating: 0, count: integritySize)
        let made = HMAC(EVP_sha1(), key, Int32(key.count), message, message.count, &mac, nil)
        precondition(made != nil, "HMAC-SHA1 is always there")
        return mac
    }
}
