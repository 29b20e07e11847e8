/// Where a server's signalling is.
package struct ServerAddress: Sendable, Equatable {
    package var host: String
    package var port: Int
    package var isSecure: Bool

    /// Reads `http`, `https`, `ws` or `wss` URLs; nil for anything else. A path is not looked at.
    package init?(_ url: String) {
        guard let separator = url.range(of: "://") else { return nil }
        switch url[..<separator.lowerBound].lowercased() {
        case "http", "ws": isSecure = false
        case "https", "wss": isSecure = true
        default: return nil
        }
        let authority = url[separator.upperBound...].prefix { $0 != "/" && $0 != "?" }
        let (name, digits): (Substring, Substring?)
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            name = authority[authority.index(after: authority.startIndex)..<end]
            digits = authority[authority.index(after: end)...].hasPrefix(":") ? authority[end...].dropFirst(2) : nil
        } else {
            let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            name = parts[0]
            digits = parts.count > 1 ? parts[1] : nil
        }
        guard !name.isEmpty else { return nil }
        host = String(name)
        if let digits {
            guard let number = UInt16(digits) else { return nil }
            port = Int(number)
        } else {
            port = isSecure ? 443 : 80
        }
    }
}

extension String {
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
