/// The Castagnoli CRC that protects every SCTP packet (RFC 9260 §6.8 and appendix A): reflected polynomial
/// 0x82F63B78, eight bytes a step through eight tables.
struct CRC32C {
    private var state: UInt32 = .max

    /// Of everything added so far.
    var value: UInt32 { ~state }

    mutating func update(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { bytes in
            Self.tables.withUnsafeBufferPointer { table in
                var crc = state
                var offset = 0
                while bytes.count - offset >= 8 {
                    let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                    let mixed = word ^ UInt64(crc)
                    crc = 0
                    for step in 0..<8 {
                        crc ^= table[(7 - step) * 256 + Int(mixed >> UInt64(8 * step) & 0xFF)]
                    }
                    offset += 8
                }
                while offset < bytes.count {
                    crc = crc >> 8 ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[offset])]
                    offset += 1
                }
                state = crc
            }
        }
    }

    /// Of one run of bytes.
    static func checksum(_ bytes: RawSpan) -> UInt32 {
        var crc = CRC32C()
        crc.update(bytes)
        return crc.value
    }

    /// Eight tables of 256, one after another: `tables[256 * k + b]` is the CRC of byte `b` followed by `k` zeros.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0x82F6_3B78 }
            tables[byte] = crc
        }
        for index in 256..<tables.count {
            let previous = tables[index - 256]
            tables[index] = previous >> 8 ^ tables[Int(previous & 0xFF)]
        }
        return tables
    }()
}
