import Media

/// The offers and answers of a publisher's connection: the client offers, we answer. A value without I/O; what follows
/// for the transport is returned.
struct PublisherNegotiation {
    /// A track that the client announced and whose media has not been offered yet.
    struct Announced {
        var track: TrackID
        var clientID: String
        var kind: TrackKind
        var layerCount: Int
        /// Its sound may come in redundant packets.
        var allowsRedundancy = false
    }

    struct Outcome {
        var answer: String
        var fingerprint: Fingerprint
        /// Ours from now on: the client asked for an ICE restart.
        var restarted: ICECredentials?
        var started: [Started]
        /// Tracks whose section the client made inactive or took away.
        var stopped: [TrackID]
    }

    /// A track whose media is now negotiated.
    struct Started {
        var track: TrackID
        var mid: String
        var codec: Codec
        var trackCodec: TrackCodec
        var rtxPayloadType: UInt8?
        var redundancy: Redundancy?
        /// Low to high; a single "" without simulcast.
        var rids: [String]
        var ssrcs: [UInt32: StreamRole]
        var extensions: IncomingExtensions
    }

    /// Sections of one description, and tracks among them.
    static let maximumSections = 64

    private(set) var credentials: ICECredentials
    /// The client's, as it last offered them.
    private var remote: ICECredentials?
    /// What the next description offers.
    var endpoint: LocalEndpoint
    private let sessionID: UInt64
    private var version: UInt64 = 0
    /// The track that each section carries.
    private(set) var tracks: [String: TrackID] = [:]
    /// Those of them that may come in redundant packets.
    private var redundant: Set<TrackID> = []

    init(credentials: ICECredentials, endpoint: LocalEndpoint, sessionID: UInt64) {
        self.credentials = credentials
        self.endpoint = endpoint
        self.sessionID = sessionID
    }

    /// An offer with other ICE credentials than the last one restarts ICE, which takes new ones of ours as well
    /// (RFC 8839 §4.4.3.1).
    ///
    /// - Parameters:
    ///   - announced: in the order in which they were announced.
    ///   - fresh: makes credentials for a restart.
    mutating func answer(
        _ text: String, announced: [Announced], fresh: () -> ICECredentials = ICECredentials.random
    ) throws(RelayError) -> Outcome {
        let offer = try SessionDescription(client: text, maximumSections: Self.maximumSections)
        let fingerprint = try offer.anyFingerprint()
        let named = Set(offer.media.compactMap { $0.announcedMSID?.trackID })
        var remaining = announced
        var started: [Started] = []
        var carried: [String: TrackID] = [:]
        var sections: [MediaDescription] = []
        for section in offer.media {
            guard let mid = section.mid else { throw .badDescription("a section without a=mid") }
            let kind: TrackKind? = section.kind == .audio ? .audio : section.kind == .video ? .video : nil
            if section.kind == .application, !section.isRejected {
                sections.append(endpoint.dataSection(mid: mid))
                continue
            }
            guard let kind, !section.isRejected, let codec = CodecSupport.choose(from: section),
                let trackCodec = CodecSupport.trackCodec(codec)
            else {
                sections.append(MediaDescription(rejecting: section))
                continue
            }
            let rids = Self.ridsLowToHigh(section)
            if section.direction.sends {
                let name = section.announcedMSID?.trackID
                let isReplaced = remaining.contains { $0.kind == kind && $0.clientID == name }
                if let track = tracks[mid], !isReplaced {
                    carried[mid] = track
                } else if let index = Self.match(name, kind, in: remaining, named: named) {
                    let announced = remaining.remove(at: index)
                    let track = announced.track
                    carried[mid] = track
                    if announced.allowsRedundancy { redundant.insert(track) }
                    started.append(
                        Started(
                            track: track, mid: mid, codec: codec, trackCodec: trackCodec,
                            rtxPayloadType: section.rtxPayloadType(for: codec.payloadType),
                            redundancy: redundancy(of: track, section, codec), rids: rids,
                            ssrcs: Self.streams(section), extensions: Self.extensions(section)))
                }
            }
            sections.append(answer(section, mid, codec, rids, carries: carried[mid]))
        }
        let stopped = tracks.filter { carried[$0.key] != $0.value }.map(\.value)
        tracks = carried
        redundant.formIntersection(carried.values)
        version += 1
        let restarted = restart(to: offer.bundledCredentials, fresh)
        let answer = endpoint.describe(
            sections, setup: .passive, credentials: credentials, sessionID: sessionID, version: version)
        return Outcome(
            answer: answer.serialized(), fingerprint: fingerprint, restarted: restarted, started: started,
            stopped: stopped)
    }

    private mutating func restart(to offered: ICECredentials?, _ fresh: () -> ICECredentials) -> ICECredentials? {
        defer { remote = offered ?? remote }
        guard let offered, let remote, offered != remote else { return nil }
        credentials = fresh()
        return credentials
    }

    /// Frees the section of a track that was taken from its publisher; the next answer makes it inactive.
    mutating func forget(_ track: TrackID) {
        tracks = tracks.filter { $0.value != track }
        redundant.remove(track)
    }

    private func redundancy(of track: TrackID, _ section: MediaDescription, _ codec: Codec) -> Redundancy? {
        guard redundant.contains(track), let red = CodecSupport.redundant(codec, in: section) else { return nil }
        return Redundancy(payloadType: red.payloadType, primaryPayloadType: codec.payloadType)
    }

    private func answer(
        _ offered: MediaDescription, _ mid: String, _ codec: Codec, _ rids: [String], carries track: TrackID?
    ) -> MediaDescription {
        var accepted = codec
        accepted.feedback = CodecSupport.feedback(codec)
        var codecs = [accepted]
        if let rtx = offered.rtxPayloadType(for: codec.payloadType).flatMap({ offered.codec(payloadType: $0) }) {
            codecs.append(rtx)
        }
        // Browsers send redundant packets when these come first.
        if let track, let red = redundancy(of: track, offered, codec) {
            codecs.insert(contentsOf: offered.codecs.filter { $0.payloadType == red.payloadType }, at: 0)
        }
        var section = MediaDescription(
            kind: offered.kind, protocol: offered.protocol, mid: mid, direction: track == nil ? .inactive : .recvonly,
            codecs: codecs, headerExtensions: CodecSupport.incomingExtensions(offered))
        if track != nil, rids.count > 1 {
            // In the order of the offer, which is the client's order of preference.
            let order = offered.rids.map(\.id).filter { rids.contains($0) }
            section.rids = order.map { RID(id: $0, direction: .recv) }
            section.simulcast = Simulcast(sendRIDs: [], recvRIDs: order)
        }
        return section
    }

    /// The announced track whose client id the section's msid names; else the first of that kind that no section
    /// names, since Firefox and replaced tracks may name another.
    private static func match(
        _ name: String?, _ kind: TrackKind, in announced: [Announced], named: Set<String>
    ) -> Int? {
        announced.firstIndex { $0.kind == kind && $0.clientID == name }
            ?? announced.firstIndex { $0.kind == kind && !named.contains($0.clientID) }
    }

    /// LiveKit's clients name their layers q, h and f; others are taken in the order offered, which is ascending in
    /// browsers (RFC 8853 leaves it open).
    private static func ridsLowToHigh(_ section: MediaDescription) -> [String] {
        let offered = section.rids.filter { $0.direction == .send }.map(\.id).prefix(LayerSelector.maximumLayers)
        guard offered.count > 1 else { return [offered.first ?? ""] }
        let known = ["q", "h", "f"]
        guard offered.allSatisfy(known.contains) else { return Array(offered) }
        return known.filter(offered.contains)
    }

    private static func streams(_ section: MediaDescription) -> [UInt32: StreamRole] {
        guard section.rids.count <= 1 else { return [:] }
        var roles: [UInt32: StreamRole] = [:]
        for attribute in section.ssrcs.prefix(8) {
            let isRetransmission = section.ssrcGroups.contains {
                $0.semantics == "FID" && $0.ssrcs.dropFirst().contains(attribute.ssrc)
            }
            roles[attribute.ssrc] = StreamRole(layer: 0, isRetransmission: isRetransmission)
        }
        return roles
    }

    private static func extensions(_ section: MediaDescription) -> IncomingExtensions {
        let negotiated = CodecSupport.incomingExtensions(section)
        func id(_ uri: String) -> UInt8 { negotiated.first { $0.uri == uri }?.id ?? 0 }
        return IncomingExtensions(
            mid: id(RTPExtensionURI.mid), rid: id(RTPExtensionURI.rid),
            repairedRID: id(RTPExtensionURI.repairedRID), transportWideCC: id(RTPExtensionURI.transportWideCC),
            forwarded: ExtensionMap(negotiated: negotiated.map { ($0.id, $0.uri) }))
    }
}

extension ICECredentials {
    static func random() -> ICECredentials {
        var generator = SystemRandomNumberGenerator()
        return .random(using: &generator)
    }
}

extension SessionDescription {
    /// Of the one bundled connection.
    fileprivate var bundledCredentials: ICECredentials? {
        media.lazy.filter { !$0.isRejected }.compactMap(iceCredentials).first ?? iceCredentials
    }

    /// Parses what a client offered or answered; the error says what was wrong with it.
    init(client text: String, maximumSections: Int) throws(RelayError) {
        do throws(ParseError) {
            try self.init(parsing: text)
        } catch {
            throw .badDescription("\(error)")
        }
        guard media.count <= maximumSections else {
            throw .limitReached("sections of a description")
        }
        guard Set(media.compactMap(\.mid)).count == media.count else {
            throw .badDescription("sections without a mid of their own")
        }
    }

    /// The certificate that the one bundled connection is to present.
    func anyFingerprint() throws(RelayError) -> Fingerprint {
        for section in media where !section.isRejected {
            if let fingerprint = fingerprint(of: section) { return fingerprint }
        }
        guard let fingerprint else { throw .badDescription("no a=fingerprint") }
        return fingerprint
    }
}

extension MediaDescription {
    /// The answer to a section that is not wanted (RFC 9429 §5.3.1).
    init(rejecting offered: MediaDescription) {
        self.init(
            kind: offered.kind, port: 0, protocol: offered.protocol, mid: offered.mid, direction: .inactive,
            codecs: Array(offered.codecs.prefix(1)),
            otherFormats: offered.codecs.isEmpty ? Array(offered.otherFormats.prefix(1)) : [])
    }
}
