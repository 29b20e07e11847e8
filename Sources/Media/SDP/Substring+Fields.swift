/// Cutting protocol text at ASCII characters, byte by byte: grapheme clusters ("\r\n" is one, and so is a space with a
/// combining mark) have no meaning in SDP.
extension Substring {
    /// What stands before the first `separator`, and what stands after it, if there is one.
    func cut(at separator: Unicode.Scalar) -> (Substring, Substring?) {
        let byte = UInt8(ascii: separator)
        guard let index = utf8.firstIndex(of: byte) else { return (self, nil) }
        return (self[..<index], self[utf8.index(after: index)...])
    }

    /// The non-empty parts between `separator`s.
    func fields(_ separator: Unicode.Scalar = " ") -> [Substring] {
        utf8.split(separator: UInt8(ascii: separator)).map { Substring($0) }
    }

    /// Without spaces at its ends.
    var trimmed: Substring {
        let space = UInt8(ascii: " ")
        guard let first = utf8.firstIndex(where: { $0 != space }), let last = utf8.lastIndex(where: { $0 != space })
        else { return self[endIndex...] }
        return self[first...last]
    }
}
