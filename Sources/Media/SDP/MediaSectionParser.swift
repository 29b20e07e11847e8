/// Collects the lines of one section. Codecs are put together at its end, because "a=rtpmap", "a=fmtp" and "a=rtcp-fb"
/// come in any order and for payload types that the section does not have.
struct MediaSectionParser {
    /// A section beyond these is refused.
    private static let maximumCandidates = 128
    private static let maximumFeedback = 32

    private var section: MediaDescription
    private let formats: [Substring]
    private var ufrag: String?
    private var password: String?
    private var maps: [UInt8: Codec] = [:]
    private var parameters: [UInt8: FormatParameters] = [:]
    private var feedback: [UInt8: [RTCPFeedback]] = [:]
    /// "a=rtcp-fb:*".
    private var feedbackOfAll: [RTCPFeedback] = []

    /// `start` is what follows "m="; `direction` is the session's.
    static func parse(
        _ start: Substring, _ lines: ArraySlice<Substring>, _ direction: MediaDescription.Direction
    ) throws(ParseError) -> MediaDescription {
        var parser = try MediaSectionParser(start, direction)
        for line in lines { try parser.parse(line) }
        return parser.finish()
    }

    private init(_ start: Substring, _ direction: MediaDescription.Direction) throws(ParseError) {
        let fields = start.fields()
        guard fields.count >= 4, let port = UInt16(fields[1].cut(at: "/").0) else { throw .malformed("SDP m=") }
        section = MediaDescription(
            kind: .init(name: String(fields[0])), port: port, protocol: String(fields[2]), direction: direction,
            otherFormats: [], rtcpMux: false, rtcpRsize: false)
        formats = Array(fields[3...])
    }

    private mutating func parse(_ line: Substring) throws(ParseError) {
        if line.hasPrefix("b=") {
            let (type, value) = line.dropFirst(2).cut(at: ":")
            if let value, let value = UInt64(value) {
                section.bandwidths.append(Bandwidth(type: String(type), value: value))
            }
        }
        guard let attribute = SDPAttribute(line: line) else { return }
        if try parseTransport(attribute) { return }
        if try parseCodec(attribute) { return }
        try parseSource(attribute)
    }

    private mutating func parseTransport(_ attribute: SDPAttribute) throws(ParseError) -> Bool {
        switch attribute.name {
        case "ice-ufrag": ufrag = try attribute.iceText()
        case "ice-pwd": password = try attribute.iceText()
        case "ice-options": section.iceOptions = attribute.value.fields().map { String($0) }
        case "fingerprint":
            section.fingerprint = try Fingerprint(parsing: attribute.value, besides: section.fingerprint)
        case "setup": section.setup = try attribute.setup()
        case "candidate":
            do throws(ParseError) {
                let candidate = try ICECandidate(parsing: attribute.value)
                guard section.candidates.count < Self.maximumCandidates else { throw .tooLarge("SDP candidates") }
                section.candidates.append(candidate)
            } catch .unsupported {}
        case "end-of-candidates": section.endOfCandidates = true
        case "rtcp-mux", "rtcp-mux-only": section.rtcpMux = true
        case "rtcp-rsize": section.rtcpRsize = true
        case "bundle-only": section.isBundleOnly = true
        case "sctp-port": section.sctpPort = try attribute.number(UInt16.self)
        case "sctpmap":  // Before RFC 8841: the port was the format.
            let (port, _) = try attribute.numbered(UInt16.self)
            if section.sctpPort == nil { section.sctpPort = port }
        case "max-message-size":
            let size = try attribute.number(Int.self)
            guard size >= 0 else { throw .malformed("SDP max-message-size") }
            section.maxMessageSize = size
        default: return false
        }
        return true
    }

    private mutating func parseCodec(_ attribute: SDPAttribute) throws(ParseError) -> Bool {
        switch attribute.name {
        case "rtpmap":
            let (payloadType, encoding) = try attribute.numbered(UInt8.self)
            let parts = encoding.fields("/")
            guard payloadType < 128, 2...3 ~= parts.count, let rate = UInt32(parts[1]), rate > 0 else {
                throw .malformed("SDP rtpmap")
            }
            var codec = Codec(payloadType: payloadType, name: String(parts[0]), clockRate: rate)
            if parts.count == 3 {
                guard let channels = Int(parts[2]), 1...255 ~= channels else { throw .malformed("SDP rtpmap") }
                codec.channels = channels
            }
            if maps[payloadType] == nil { maps[payloadType] = codec }
        case "fmtp":
            let (payloadType, text) = try attribute.numbered(UInt8.self)
            if parameters[payloadType] == nil { parameters[payloadType] = FormatParameters(parsing: text) }
        case "rtcp-fb":
            let fields = attribute.value.fields()
            guard fields.count >= 2 else { throw .malformed("SDP rtcp-fb") }
            let rest = fields[2...].joined(separator: " ")
            let item = RTCPFeedback(String(fields[1]), rest.isEmpty ? nil : rest)
            if fields[0] == "*" {
                try Self.add(item, to: &feedbackOfAll)
            } else {
                guard let payloadType = UInt8(fields[0]) else { throw .malformed("SDP rtcp-fb") }
                try Self.add(item, to: &feedback[payloadType, default: []])
            }
        case "extmap":
            if let item = try HeaderExtension(parsing: attribute.value) { section.headerExtensions.append(item) }
        case "extmap-allow-mixed": section.extmapAllowMixed = true
        default: return false
        }
        return true
    }

    private mutating func parseSource(_ attribute: SDPAttribute) throws(ParseError) {
        switch attribute.name {
        case "mid":
            let mid = attribute.value.trimmed
            guard !mid.isEmpty else { throw .malformed("SDP mid") }
            section.mid = String(mid)
        case "msid":
            // One track may be in several streams; the first one names it.
            if section.msid == nil { section.msid = MSID(parsing: attribute.value) }
        case "rid": section.rids.append(try RID(parsing: attribute.value))
        case "simulcast": section.simulcast = try Simulcast(parsing: attribute.value)
        case "ssrc":
            let (ssrc, rest) = try attribute.numbered(UInt32.self)
            let (name, value) = rest.cut(at: ":")
            guard !name.isEmpty else { return }
            section.ssrcs.append(SSRCAttribute(ssrc: ssrc, attribute: String(name), value: value.map { String($0) }))
        case "ssrc-group":
            let fields = attribute.value.fields()
            let ssrcs = fields.dropFirst().compactMap { UInt32($0) }
            guard ssrcs.count >= 1, ssrcs.count == fields.count - 1 else { throw .malformed("SDP ssrc-group") }
            section.ssrcGroups.append(SSRCGroup(semantics: String(fields[0]), ssrcs: ssrcs))
        default:
            if let direction = MediaDescription.Direction(rawValue: String(attribute.name)) {
                section.direction = direction
            }
        }
    }

    private static func add(_ item: RTCPFeedback, to list: inout [RTCPFeedback]) throws(ParseError) {
        guard !list.contains(item) else { return }
        guard list.count < maximumFeedback else { throw .tooLarge("SDP rtcp-fb") }
        list.append(item)
    }

    private consuming func finish() -> MediaDescription {
        if let ufrag, let password {
            section.iceCredentials = ICECredentials(ufrag: ufrag, password: password)
        }
        let isRTP = section.protocol.hasSuffix("AVPF") || section.protocol.hasSuffix("AVP")
        var seen: Set<String> = []
        for format in formats where seen.insert(UInt8(format)?.description ?? String(format)).inserted {
            guard isRTP, let payloadType = UInt8(format), var codec = codec(payloadType) else {
                section.otherFormats.append(String(format))
                continue
            }
            codec.parameters = parameters[payloadType] ?? [:]
            let own = feedback[payloadType] ?? []
            codec.feedback = own + feedbackOfAll.filter { !own.contains($0) }
            section.codecs.append(codec)
        }
        return section
    }

    private func codec(_ payloadType: UInt8) -> Codec? {
        maps[payloadType] ?? (section.kind == .audio ? Codec.assigned(payloadType) : nil)
    }
}
