extension SessionDescription {
    /// SDP text with CRLF line ends, in the order of RFC 9429 §5.2.
    package func serialized() -> String {
        var lines = [
            "v=0", "o=\(origin.username) \(origin.sessionID) \(origin.version) IN IP4 127.0.0.1", "s=-", "t=0 0",
        ]
        if isICELite { lines.append("a=ice-lite") }
        if !groupBundle.isEmpty { lines.append("a=group:BUNDLE \(groupBundle.joined(separator: " "))") }
        if extmapAllowMixed { lines.append("a=extmap-allow-mixed") }
        if let msidSemantic { lines.append("a=msid-semantic:\(msidSemantic)") }
        lines.append(transport: iceCredentials, iceOptions, fingerprint, setup)
        for section in media { section.serialize(into: &lines) }
        return lines.joined(separator: "\r\n") + "\r\n"
    }
}

extension MediaDescription {
    fileprivate func serialize(into lines: inout [String]) {
        let formats = formats.isEmpty ? ["0"] : formats
        lines.append("m=\(kind.name) \(port) \(self.protocol) \(formats.joined(separator: " "))")
        lines.append("c=IN IP4 0.0.0.0")
        lines += bandwidths.map { "b=\($0.type):\($0.value)" }
        lines += candidates.map { "a=candidate:\($0.serialized())" }
        if endOfCandidates { lines.append("a=end-of-candidates") }
        lines.append(transport: iceCredentials, iceOptions, fingerprint, setup)
        if let mid { lines.append("a=mid:\(mid)") }
        if isBundleOnly { lines.append("a=bundle-only") }
        lines += headerExtensions.map { "a=extmap:\($0.text)" }
        if extmapAllowMixed { lines.append("a=extmap-allow-mixed") }
        if kind != .application || direction != .sendrecv { lines.append("a=\(direction.rawValue)") }
        if let msid { lines.append("a=msid:\(msid.text)") }
        if rtcpMux { lines.append("a=rtcp-mux") }
        if rtcpRsize { lines.append("a=rtcp-rsize") }
        for codec in codecs { codec.serialize(into: &lines) }
        lines += rids.map { "a=rid:\($0.text)" }
        if let simulcast { lines.append("a=simulcast:\(simulcast.text)") }
        lines += ssrcGroups.map { group in
            "a=ssrc-group:\(group.semantics) \(group.ssrcs.map(String.init).joined(separator: " "))"
        }
        lines += ssrcs.map { "a=ssrc:\($0.ssrc) \($0.attribute)\($0.value.map { ":\($0)" } ?? "")" }
        if let sctpPort { lines.append("a=sctp-port:\(sctpPort)") }
        if let maxMessageSize { lines.append("a=max-message-size:\(maxMessageSize)") }
    }
}

extension Codec {
    fileprivate func serialize(into lines: inout [String]) {
        lines.append("a=rtpmap:\(payloadType) \(name)/\(clockRate)\(channels.map { "/\($0)" } ?? "")")
        lines += feedback.map { "a=rtcp-fb:\(payloadType) \($0.type)\($0.parameter.map { " \($0)" } ?? "")" }
        if !parameters.isEmpty { lines.append("a=fmtp:\(payloadType) \(parameters.text)") }
    }
}

extension MSID {
    fileprivate var text: String { track.map { "\(stream) \($0)" } ?? stream }
}

extension [String] {
    /// The attributes that a session and a section have alike.
    fileprivate mutating func append(
        transport credentials: ICECredentials?, _ options: [String], _ fingerprint: Fingerprint?, _ setup: Setup?
    ) {
        if let credentials {
            append("a=ice-ufrag:\(credentials.ufrag)")
            append("a=ice-pwd:\(credentials.password)")
        }
        if !options.isEmpty { append("a=ice-options:\(options.joined(separator: " "))") }
        if let fingerprint { append("a=fingerprint:\(fingerprint.sdpValue)") }
        if let setup { append("a=setup:\(setup.rawValue)") }
    }
}
