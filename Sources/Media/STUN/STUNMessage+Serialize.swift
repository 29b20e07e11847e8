extension STUNMessage {
    /// The message with MESSAGE-INTEGRITY under `integrityPassword`, if one is given, and FINGERPRINT at its end.
    /// Text beyond its attribute's limit is cut.
    package func serialize(integrityPassword: String?) -> [UInt8] {
        var writer = ByteWriter(capacity: 160)
        let bits = UInt16(`class`.rawValue)
        let method = method.rawValue
        let number = (method & 0xF80) << 2 | (method & 0x70) << 1 | method & 0xF
        writer.write(number | (bits & 1) << 4 | (bits & 2) << 7)
        writer.write(UInt16(0))
        writer.write(Self.magicCookie)
        writer.write(transactionID.high)
        writer.write(transactionID.low)
        writeAttributes(to: &writer)
        writer.overwrite(at: 2, UInt16(writer.count - Self.headerSize))
        if let integrityPassword {
            Self.appendIntegrity(password: integrityPassword, to: &writer)
        }
        Self.appendFingerprint(to: &writer)
        return writer.bytes
    }

    private func writeAttributes(to writer: inout ByteWriter) {
        if let software { writer.attribute(STUNAttribute.software, software.utf8.prefix(Self.maximumText)) }
        if let errorCode {
            let code = [0, 0, UInt8(clamping: errorCode.code / 100), UInt8(errorCode.code % 100)]
            writer.attribute(STUNAttribute.errorCode, code + errorCode.reason.utf8.prefix(Self.maximumText - 4))
        }
        if !unknownAttributes.isEmpty {
            let types = unknownAttributes.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
            writer.attribute(STUNAttribute.unknownAttributes, types)
        }
        if let username { writer.attribute(STUNAttribute.username, username.utf8.prefix(Self.maximumUsername)) }
        if let priority { writer.attribute(STUNAttribute.priority, Self.bytes(priority)) }
        if let iceControlling { writer.attribute(STUNAttribute.iceControlling, Self.bytes(iceControlling)) }
        if let iceControlled { writer.attribute(STUNAttribute.iceControlled, Self.bytes(iceControlled)) }
        if useCandidate { writer.attribute(STUNAttribute.useCandidate, []) }
        if let xorMappedAddress {
            writer.attribute(STUNAttribute.xorMappedAddress, xorMappedAddress.xorMapped(transactionID))
        }
    }

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}

extension ByteWriter {
    /// A STUN attribute: type, length, value, padding to four bytes.
    fileprivate mutating func attribute(_ type: UInt16, _ value: some Collection<UInt8>) {
        write(type)
        write(UInt16(value.count))
        write(value)
        pad(to: 4)
    }
}

/// XOR-MAPPED-ADDRESS (RFC 8489 §14.2): the address is masked with the cookie and the transaction id, so that no
/// middlebox finds and rewrites it.
extension TransportAddress {
    init(xorMapped value: RawSpan, _ id: STUNTransactionID) throws(ParseError) {
        var reader = ByteReader(value)
        try reader.skip(1)
        let family = try reader.uint8()
        let port = try reader.uint16() ^ UInt16(STUNMessage.magicCookie >> 16)
        switch family {
        case 1:
            self.init(ipv4: try reader.uint32() ^ STUNMessage.magicCookie, port: port)
        case 2:
            let high = try reader.uint64() ^ Self.mask(id)
            self.init(ipv6: high, try reader.uint64() ^ id.low, port: port)
        default:
            throw .malformed("XOR-MAPPED-ADDRESS family")
        }
    }

    fileprivate func xorMapped(_ id: STUNTransactionID) -> [UInt8] {
        var writer = ByteWriter(capacity: 20)
        writer.write(UInt16(isIPv4 ? 1 : 2))
        writer.write(port ^ UInt16(STUNMessage.magicCookie >> 16))
        if let ipv4 {
            writer.write(ipv4 ^ STUNMessage.magicCookie)
        } else {
            writer.write(high ^ Self.mask(id))
            writer.write(low ^ id.low)
        }
        return writer.bytes
    }

    private static func mask(_ id: STUNTransactionID) -> UInt64 {
        UInt64(STUNMessage.magicCookie) << 32 | UInt64(id.high)
    }
}
