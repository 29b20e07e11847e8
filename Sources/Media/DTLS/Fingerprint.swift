/// The hash of a certificate as SDP's `a=fingerprint` carries it (RFC 8122 §5): it ties the DTLS handshake to the
/// signalling that both ends trust.
package struct Fingerprint: Hashable, Sendable {
    /// The hash function's name in lower case, such as "sha-256".
    package var algorithm: String
    package var bytes: [UInt8]

    package init(algorithm: String = "sha-256", bytes: [UInt8]) {
        self.algorithm = algorithm.lowercased()
        self.bytes = bytes
    }

    /// From "sha-256 4A:AD:…". Hexadecimal of either case; nil for anything else.
    package init?(sdpValue: String) {
        let parts = sdpValue.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2 else { return nil }
        let pairs = parts[1].split(separator: ":", omittingEmptySubsequences: false)
        guard pairs.count <= 64 else { return nil }
        var bytes: [UInt8] = []
        for pair in pairs {
            guard pair.utf8.count == 2, pair.allSatisfy(\.isHexDigit), let byte = UInt8(pair, radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        self.init(algorithm: String(parts[0]), bytes: bytes)
    }

    package var sdpValue: String {
        let digits = Array("0123456789ABCDEF".utf8)
        var text = Array(algorithm.utf8)
        for (index, byte) in bytes.enumerated() {
            text.append(UInt8(ascii: index == 0 ? " " : ":"))
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
