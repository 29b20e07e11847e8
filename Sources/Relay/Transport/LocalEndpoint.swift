import Media

/// What our side of every session description has in common: one certificate, the addresses that clients may reach, and
/// the credentials of the one connection.
struct LocalEndpoint: Sendable {
    var fingerprint: Fingerprint
    var candidates: [ICECandidate]
    var maxMessageSize: Int

    /// Candidates for `addresses`, the first preferred: all of UDP before those of TCP, if there are any.
    static func candidates(addresses: [String], port: Int, tcpPort: Int? = nil) -> [ICECandidate] {
        let udp = addresses.enumerated().map { index, address in
            ICECandidate(
                foundation: String(index + 1), component: 1, transport: .udp,
                priority: ICECandidate.priority(kind: .host, localPreference: UInt16(65535 - index)),
                address: address, port: UInt16(truncatingIfNeeded: port), kind: .host)
        }
        guard let tcpPort else { return udp }
        // A foundation is of one transport (RFC 8445 §5.1.1.3).
        let tcp = addresses.enumerated().map { index, address in
            ICECandidate(
                foundation: String(addresses.count + index + 1), component: 1, transport: .tcp,
                priority: ICECandidate.passivePriority(otherPreference: UInt16(8191 - index)),
                address: address, port: UInt16(truncatingIfNeeded: tcpPort), kind: .host, tcpType: .passive)
        }
        return udp + tcp
    }

    /// The same with those candidates that a participant prefers.
    func offering(_ preference: ICEPreference) -> LocalEndpoint {
        guard preference == .tcp else { return self }
        var endpoint = self
        let tcp = candidates.filter { $0.transport == .tcp }
        if !tcp.isEmpty { endpoint.candidates = tcp }
        return endpoint
    }

    /// A description around `media`, every section of which gets the transport attributes.
    func describe(
        _ media: [MediaDescription], setup: Setup, credentials: ICECredentials, sessionID: UInt64, version: UInt64
    ) -> SessionDescription {
        let sections = media.map { section in
            var section = section
            section.iceCredentials = credentials
            section.fingerprint = fingerprint
            section.setup = setup
            if !section.isRejected {
                section.candidates = candidates
                section.endOfCandidates = true
            }
            return section
        }
        return SessionDescription(
            origin: SessionDescription.Origin(sessionID: sessionID, version: version),
            groupBundle: sections.filter { !$0.isRejected }.compactMap(\.mid),
            isICELite: true, extmapAllowMixed: true, msidSemantic: "WMS *", media: sections)
    }

    /// The section that carries the data channels.
    func dataSection(mid: String) -> MediaDescription {
        var section = MediaDescription(kind: .application, mid: mid)
        section.sctpPort = 5000
        section.maxMessageSize = maxMessageSize
        return section
    }
}
