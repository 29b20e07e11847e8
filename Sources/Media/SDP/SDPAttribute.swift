/// An "a=name:value" line, and the readings that sessions and sections share.
struct SDPAttribute {
    let name: Substring
    /// Empty for a property attribute ("a=name").
    let value: Substring

    init?(line: Substring) {
        guard line.hasPrefix("a=") else { return nil }
        let (name, value) = line.dropFirst(2).cut(at: ":")
        self.name = name
        self.value = value ?? name[name.endIndex...]
    }

    /// "a=ice-ufrag" and "a=ice-pwd" (RFC 8839 §5.4). Lengths below the minimum are for the peer to regret.
    func iceText() throws(ParseError) -> String {
        let text = value.trimmed
        guard 1...ICECredentials.maximumLength ~= text.utf8.count else { throw .malformed("ICE credentials") }
        return String(text)
    }

    func setup() throws(ParseError) -> Setup {
        guard let setup = Setup(rawValue: String(value.trimmed)) else { throw .malformed("SDP setup") }
        return setup
    }

    /// The number before the first space, and what follows the space.
    func numbered<T: FixedWidthInteger>(_ type: T.Type) throws(ParseError) -> (T, Substring) {
        let (number, rest) = value.trimmed.cut(at: " ")
        guard let number = T(number) else { throw .malformed("SDP number") }
        return (number, (rest ?? "").trimmed)
    }

    func number<T: FixedWidthInteger>(_ type: T.Type) throws(ParseError) -> T {
        guard let number = T(value.trimmed) else { throw .malformed("SDP number") }
        return number
    }
}

extension Fingerprint {
    /// Of several fingerprints SHA-256 counts, for every WebRTC agent offers it; without it the first one.
    init(parsing text: Substring, besides other: Fingerprint?) throws(ParseError) {
        guard let new = Fingerprint(sdpValue: String(text)), !new.bytes.isEmpty,
            new.algorithm != "sha-256" || new.bytes.count == 32
        else {
            throw .malformed("SDP fingerprint")
        }
        if let other, other.algorithm == "sha-256" || new.algorithm != "sha-256" {
            self = other
        } else {
            self = new
        }
    }
}

extension HeaderExtension {
    /// Nil for an id that no header can carry: 0, and those above 255 that an offer may hold for later (RFC 8285 §5).
    init?(parsing text: Substring) throws(ParseError) {
        let (number, rest) = text.trimmed.cut(at: " ")
        let (id, direction) = number.cut(at: "/")
        guard let id = UInt16(id), let rest else { throw .malformed("SDP extmap") }
        let (uri, attributes) = rest.trimmed.cut(at: " ")
        guard !uri.isEmpty else { throw .malformed("SDP extmap") }
        guard 1...255 ~= id else { return nil }
        self.init(id: UInt8(id), uri: String(uri))
        if let direction {
            guard let direction = MediaDescription.Direction(rawValue: String(direction)) else {
                throw .malformed("SDP extmap direction")
            }
            self.direction = direction
        }
        if let attributes = attributes?.trimmed, !attributes.isEmpty { self.attributes = String(attributes) }
    }

    var text: String {
        "\(id)\(direction.map { "/\($0.rawValue)" } ?? "") \(uri)\(attributes.map { " \($0)" } ?? "")"
    }
}

extension RID {
    init(parsing text: Substring) throws(ParseError) {
        let (id, rest) = text.trimmed.cut(at: " ")
        let (direction, restrictions) = (rest ?? "").trimmed.cut(at: " ")
        guard !id.isEmpty, let direction = Direction(rawValue: String(direction)) else { throw .malformed("SDP rid") }
        self.init(id: String(id), direction: direction)
        if let restrictions = restrictions?.trimmed, !restrictions.isEmpty { self.restrictions = String(restrictions) }
    }

    var text: String {
        "\(id) \(direction.rawValue)\(restrictions.map { " \($0)" } ?? "")"
    }
}

extension Simulcast {
    /// RFC 8853 §5.1, and the "send rid=q;h;f" of its drafts.
    init(parsing text: Substring) throws(ParseError) {
        self.init()
        var fields = text.fields()[...]
        guard !fields.isEmpty, fields.count % 2 == 0 else { throw .malformed("SDP simulcast") }
        while let direction = fields.popFirst(), var list = fields.popFirst() {
            while list.hasPrefix("rid=") { list = list.dropFirst(4) }
            let layers = list.fields(";").map { layer in layer.fields(",").map(Choice.init(parsing:)) }
            switch direction {
            case "send" where send.isEmpty: send = layers.filter { !$0.isEmpty }
            case "recv" where recv.isEmpty: recv = layers.filter { !$0.isEmpty }
            default: throw .malformed("SDP simulcast")
            }
        }
        guard (send + recv).allSatisfy({ $0.allSatisfy { !$0.rid.isEmpty } }), !(send.isEmpty && recv.isEmpty) else {
            throw .malformed("SDP simulcast")
        }
    }

    var text: String {
        let list = { (layers: [Layer]) in
            layers.map { $0.map { ($0.isPaused ? "~" : "") + $0.rid }.joined(separator: ",") }.joined(separator: ";")
        }
        var parts: [String] = []
        if !send.isEmpty { parts.append("send \(list(send))") }
        if !recv.isEmpty { parts.append("recv \(list(recv))") }
        return parts.joined(separator: " ")
    }
}

extension Simulcast.Choice {
    fileprivate init(parsing text: Substring) {
        let isPaused = text.utf8.first == UInt8(ascii: "~")
        self.init(rid: String(isPaused ? text.dropFirst() : text), isPaused: isPaused)
    }
}
