extension TransportAddress: CustomStringConvertible {
    /// An address literal: dotted IPv4, or IPv6 as in RFC 4291 §2.2, without brackets and scope. Host names give nil.
    package init?(_ text: some StringProtocol, port: UInt16) {
        let bytes = Array(text.utf8.prefix(46))
        if let address = Self.ipv4(bytes[...]) {
            self.init(ipv4: address, port: port)
        } else if let words = Self.ipv6(bytes) {
            let halves = [words[..<4], words[4...]].map { $0.reduce(UInt64(0)) { $0 << 16 | UInt64($1) } }
            self.init(ipv6: halves[0], halves[1], port: port)
        } else {
            return nil
        }
    }

    /// The address without its port: "192.0.2.1" or "2001:db8::1" (RFC 5952).
    package var host: String {
        if let ipv4 {
            return "\(ipv4 >> 24).\(ipv4 >> 16 & 255).\(ipv4 >> 8 & 255).\(ipv4 & 255)"
        }
        let words = [high, low].flatMap { half in
            [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: half >> UInt64($0)) }
        }
        let text = { (words: ArraySlice<UInt16>) in words.map { String($0, radix: 16) }.joined(separator: ":") }
        guard let zeros = Self.longestZeroRun(words) else { return text(words[...]) }
        return text(words[..<zeros.lowerBound]) + "::" + text(words[zeros.upperBound...])
    }

    /// "192.0.2.1:7882" or "[2001:db8::1]:7882".
    package var description: String {
        isIPv4 ? "\(host):\(port)" : "[\(host)]:\(port)"
    }

    /// The first longest run of two or more zero words, which "::" stands for.
    private static func longestZeroRun(_ words: [UInt16]) -> Range<Int>? {
        var best = 0..<0
        var start = 0
        for (index, word) in words.enumerated() {
            if word != 0 {
                start = index + 1
            } else if index + 1 - start > best.count {
                best = start..<index + 1
            }
        }
        return best.count >= 2 ? best : nil
    }

    private static func ipv4(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard 1...3 ~= part.count else { return nil }
            var value: UInt32 = 0
            for digit in part {
                guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
                value = value * 10 + UInt32(digit - UInt8(ascii: "0"))
            }
            guard value < 256 else { return nil }
            address = address << 8 | value
        }
        return address
    }

    /// Eight words, or nil.
    private static func ipv6(_ text: [UInt8]) -> [UInt16]? {
        let colon = UInt8(ascii: ":")
        guard text.count <= 45 else { return nil }
        let gap = text.indices.dropLast().first { text[$0] == colon && text[$0 + 1] == colon }
        guard let gap else {
            guard let words = words(text[...]), words.count == 8 else { return nil }
            return words
        }
        guard let front = words(text[..<gap], mayEndDotted: false), let back = words(text[(gap + 2)...]) else {
            return nil
        }
        let missing = 8 - front.count - back.count
        guard missing >= 1 else { return nil }
        return front + Array(repeating: 0, count: missing) + back
    }

    /// Colon-separated hexadecimal words, the last two of which may be a dotted IPv4 address.
    private static func words(_ text: ArraySlice<UInt8>, mayEndDotted: Bool = true) -> [UInt16]? {
        if text.isEmpty { return [] }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var words: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if mayEndDotted, index == parts.count - 1, let tail = ipv4(part) {
                words.append(UInt16(truncatingIfNeeded: tail >> 16))
                words.append(UInt16(truncatingIfNeeded: tail))
                continue
            }
            guard 1...4 ~= part.count else { return nil }
            var value: UInt16 = 0
            for digit in part {
                guard let digit = hexDigit(digit) else { return nil }
                value = value << 4 | UInt16(digit)
            }
            words.append(value)
        }
        return words
    }
}

/// The value of an ASCII hexadecimal digit.
func hexDigit(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
}
