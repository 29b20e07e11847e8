@testable import Media
import Testing

@Suite struct SCTPChecksumTests {
    /// RFC 3720 appendix B.4 and the check value of the CRC catalogue.
    static let vectors: [([UInt8], UInt32)] = [
        ([], 0),
        (Array("123456789".utf8), 0xE306_9283),
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0..<32), 0x46DD_794E),
        (Array((0..<32).reversed()), 0x113F_DB5C),
    ]

    @Test(arguments: vectors) func `known vectors agree`(bytes: [UInt8], expected: UInt32) {
        let value = CRC32C.checksum(bytes.span.bytes)
        #expect(value == expected)
    }

    @Test(arguments: 0..<32) func `it does not matter where the input is split`(split: Int) {
        let bytes = [UInt8](0..<32)
        var crc = CRC32C()
        crc.update(bytes.span.bytes.extracting(0..<split))
        crc.update(bytes.span.bytes.extracting(split..<32))
        #expect(crc.value == 0x46DD_794E)
    }
}
