extension SessionDescription {
    /// Bytes of text.
    package static let maximumText = 256 * 1024
    package static let maximumLines = 4096
    /// Bytes of a line.
    package static let maximumLine = 4096
    package static let maximumSections = 256

    /// Lines may end in CRLF or LF. Refuses text beyond the limits above, lines that are no "x=…", a missing "v=0" or
    /// "o=", repeated mids, and attributes that are modelled but malformed; what is not modelled is skipped.
    package init(parsing text: String) throws(ParseError) {
        guard text.utf8.count <= Self.maximumText else { throw .tooLarge("session description") }
        var lines = try Self.lines(text)[...]
        guard let first = lines.popFirst(), first == "v=0" else { throw .malformed("SDP version") }
        self.init(origin: Origin(sessionID: 0, version: 0))
        let session = lines.prefix { !$0.hasPrefix("m=") }
        let inherited = try parseSessionLevel(session)
        lines = lines.dropFirst(session.count)
        var mids: Set<String> = []
        while let start = lines.popFirst() {
            guard media.count < Self.maximumSections else { throw .tooLarge("SDP sections") }
            let body = lines.prefix { !$0.hasPrefix("m=") }
            lines = lines.dropFirst(body.count)
            let section = try MediaSectionParser.parse(start.dropFirst(2), body, inherited)
            if let mid = section.mid, !mids.insert(mid).inserted { throw .malformed("SDP mid, repeated") }
            media.append(section)
        }
    }

    /// The lines that are not empty, without their ends.
    private static func lines(_ text: String) throws(ParseError) -> [Substring] {
        var lines: [Substring] = []
        for bytes in text.utf8.split(separator: UInt8(ascii: "\n")) {
            var line = Substring(bytes)
            if line.utf8.last == UInt8(ascii: "\r") { line = line[..<line.utf8.index(before: line.utf8.endIndex)] }
            if line.utf8.isEmpty { continue }
            guard lines.count < maximumLines else { throw .tooLarge("SDP lines") }
            guard line.utf8.count <= maximumLine else { throw .tooLarge("SDP line") }
            let start = line.utf8.prefix(2)
            guard start.count == 2, start.last == UInt8(ascii: "="),
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= start.first!
            else { throw .malformed("SDP line") }
            guard !line.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "\r") }) else {
                throw .malformed("SDP line")
            }
            lines.append(line)
        }
        return lines
    }

    /// Gives back the direction that sections inherit.
    private mutating func parseSessionLevel(
        _ lines: ArraySlice<Substring>
    ) throws(ParseError) -> MediaDescription.Direction {
        var hasOrigin = false
        var direction = MediaDescription.Direction.sendrecv
        var ufrag: String?
        var password: String?
        for line in lines {
            if line.hasPrefix("o=") {
                origin = try Origin(parsing: line.dropFirst(2))
                hasOrigin = true
            }
            guard let attribute = SDPAttribute(line: line) else { continue }
            switch attribute.name {
            case "group":
                let fields = attribute.value.fields()
                if fields.first == "BUNDLE", groupBundle.isEmpty { groupBundle = fields.dropFirst().map { String($0) } }
            case "ice-lite": isICELite = true
            case "ice-options": iceOptions = attribute.value.fields().map { String($0) }
            case "ice-ufrag": ufrag = try attribute.iceText()
            case "ice-pwd": password = try attribute.iceText()
            case "fingerprint": fingerprint = try Fingerprint(parsing: attribute.value, besides: fingerprint)
            case "setup": setup = try attribute.setup()
            case "extmap-allow-mixed": extmapAllowMixed = true
            case "msid-semantic":
                let value = attribute.value.trimmed
                msidSemantic = value.isEmpty ? nil : String(value)
            default:
                if let value = MediaDescription.Direction(rawValue: String(attribute.name)) { direction = value }
            }
        }
        guard hasOrigin else { throw .malformed("SDP origin") }
        if let ufrag, let password { iceCredentials = ICECredentials(ufrag: ufrag, password: password) }
        return direction
    }
}

extension SessionDescription.Origin {
    fileprivate init(parsing text: Substring) throws(ParseError) {
        let fields = text.fields()
        guard fields.count >= 3, let sessionID = UInt64(fields[1]), let version = UInt64(fields[2]) else {
            throw .malformed("SDP origin")
        }
        self.init(username: String(fields[0]), sessionID: sessionID, version: version)
    }
}
