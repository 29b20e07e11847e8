extension ICECandidate {
    private static let maximumText = 1024
    private static let maximumExtensions = 16

    /// The attribute's value, with or without "candidate:" before it: RFC 8839 §5.1, or the `candidate` of a browser's
    /// RTCIceCandidate. A transport or type that is not spoken here is `.unsupported`, which RFC 8839 has one skip.
    package init(parsing text: some StringProtocol) throws(ParseError) {
        guard text.utf8.count <= Self.maximumText else { throw .tooLarge("candidate") }
        var value = Substring(text)
        if value.hasPrefix("a=") { value = value.dropFirst(2) }
        if value.hasPrefix("candidate:") { value = value.dropFirst("candidate:".count) }
        let fields = value.fields()
        guard fields.count >= 8, fields[6] == "typ" else { throw .malformed("candidate") }
        guard 1...32 ~= fields[0].utf8.count, fields[0].utf8.allSatisfy(Self.isICECharacter) else {
            throw .malformed("candidate foundation")
        }
        guard let component = Int(fields[1]), 1...256 ~= component else { throw .malformed("candidate component") }
        guard let priority = UInt32(fields[3]) else { throw .malformed("candidate priority") }
        guard let port = UInt16(fields[5]) else { throw .malformed("candidate port") }
        guard let transport = Transport(rawValue: fields[2].lowercased()) else {
            throw .unsupported("candidate transport")
        }
        guard let kind = Kind(rawValue: String(fields[7])) else { throw .unsupported("candidate type") }
        self.init(
            foundation: String(fields[0]), component: component, transport: transport, priority: priority,
            address: String(fields[4]), port: port, kind: kind)
        try parseExtensions(fields[8...])
    }

    /// RFC 8839 §5.1.
    private static func isICECharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"): true
        default: false
        }
    }

    private mutating func parseExtensions(_ fields: ArraySlice<Substring>) throws(ParseError) {
        var rest = fields
        // A name without its value at the very end is dropped.
        while rest.count >= 2 {
            let name = rest.removeFirst()
            let value = rest.removeFirst()
            switch name {
            case "raddr": relatedAddress = String(value)
            case "rport":
                guard let port = UInt16(value) else { throw .malformed("candidate rport") }
                relatedPort = port
            case "tcptype":
                guard let type = TCPType(rawValue: String(value)) else { throw .malformed("candidate tcptype") }
                tcpType = type
            default:
                guard extensions.count < Self.maximumExtensions else { throw .tooLarge("candidate extensions") }
                extensions.append(Extension(name: String(name), value: String(value)))
            }
        }
    }

    /// The attribute's value without "candidate:".
    package func serialized() -> String {
        var text =
            "\(foundation) \(component) \(transport.rawValue) \(priority) \(address) \(port) typ \(kind.rawValue)"
        if let relatedAddress { text += " raddr \(relatedAddress)" }
        if let relatedPort { text += " rport \(relatedPort)" }
        if let tcpType { text += " tcptype \(tcpType.rawValue)" }
        for item in extensions { text += " \(item.name) \(item.value)" }
        return text
    }
}
