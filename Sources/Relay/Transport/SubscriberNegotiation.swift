import Media

/// The offers and answers of a viewer's connection: we offer, the client answers. One offer is outstanding at a time;
/// what changes meanwhile goes into the next. A value without I/O; what follows for the transport is returned.
struct SubscriberNegotiation {
    /// A track that the viewer is to get.
    struct Wanted {
        var track: TrackID
        var publisher: ParticipantID
        /// Tracks of one publisher and stream are played in step.
        var stream: String
        var kind: TrackKind
        var codec: Codec
        /// Its publisher sends redundant packets.
        var isRedundant = false
    }

    struct Outcome {
        var fingerprint: Fingerprint
        var started: [Started]
        /// The client cannot receive these.
        var refused: [TrackID]
    }

    /// A track that the viewer agreed to receive.
    struct Started {
        var track: TrackID
        var ssrc: UInt32
        var payloadType: UInt8
        /// Of redundant packets; nil when the viewer is to get plain ones only.
        var redundantPayloadType: UInt8?
        var rtx: Subscription.RTXStream?
        /// Its packets carry transport-wide numbers.
        var hasTransportWideFeedback = false
        /// Its player can be told how long to hold pictures back.
        var hasPlayoutDelay = false
    }

    private enum Use {
        /// The client knows it as inactive, or does not know it yet: it may be taken.
        case free
        /// Its track is gone, which the next offer tells. A client that was never told would not notice another track.
        case leaving
        /// Told by the outstanding offer.
        case left
        case offered(Wanted)
        case active(Wanted)
    }

    private struct Section {
        let mid: String
        let kind: TrackKind
        let ssrc: UInt32
        let rtxSSRC: UInt32
        var use = Use.free
        /// Part of an offer already.
        var isKnown = false

        var wanted: Wanted? {
            switch use {
            case .free, .leaving, .left: nil
            case .offered(let wanted), .active(let wanted): wanted
            }
        }

        func isFree(duringOffer isOutstanding: Bool) -> Bool {
            if case .free = use { !isOutstanding || !isKnown } else { false }
        }
    }

    private(set) var credentials: ICECredentials
    /// What the next description offers.
    var endpoint: LocalEndpoint
    private let sessionID: UInt64
    /// Sections never move or vanish; the data channels' one is the first.
    private var sections: [Section] = []
    private var nextSSRC: UInt32
    /// The offer that waits for its answer.
    private(set) var outstanding: UInt32?
    private var version: UInt32 = 0
    private var isDirty = true

    init(credentials: ICECredentials, endpoint: LocalEndpoint, sessionID: UInt64, firstSSRC: UInt32) {
        self.credentials = credentials
        self.endpoint = endpoint
        self.sessionID = sessionID
        nextSSRC = firstSSRC
    }

    var count: Int { sections.count { $0.wanted != nil } }

    mutating func add(_ wanted: Wanted) {
        guard !sections.contains(where: { $0.wanted?.track == wanted.track }) else { return }
        isDirty = true
        // A section in the outstanding offer is not taken: its answer is not about the new track.
        if let index = sections.firstIndex(where: {
            $0.isFree(duringOffer: outstanding != nil) && $0.kind == wanted.kind
        }) {
            let isKnown = sections[index].isKnown
            sections[index] = section(mid: sections[index].mid, wanted)
            sections[index].isKnown = isKnown
            return
        }
        sections.append(section(mid: String(sections.count + 1), wanted))
    }

    mutating func remove(_ track: TrackID) {
        guard let index = sections.firstIndex(where: { $0.wanted?.track == track }) else { return }
        sections[index].use = sections[index].isKnown ? .leaving : .free
        isDirty = true
    }

    private mutating func section(mid: String, _ wanted: Wanted) -> Section {
        defer { nextSSRC &+= 2 }
        return Section(
            mid: mid, kind: wanted.kind, ssrc: nextSSRC, rtxSSRC: nextSSRC &+ 1, use: .offered(wanted))
    }

    /// The next offer, when there is something to say and none is outstanding.
    mutating func offer() -> (sdp: String, id: UInt32)? {
        guard isDirty, outstanding == nil else { return nil }
        isDirty = false
        version += 1
        outstanding = version
        let media = [endpoint.dataSection(mid: "0")] + sections.map(describe)
        for index in sections.indices {
            sections[index].isKnown = true
            if case .leaving = sections[index].use { sections[index].use = .left }
        }
        let description = endpoint.describe(
            media, setup: .actpass, credentials: credentials, sessionID: sessionID, version: UInt64(version))
        return (description.serialized(), version)
    }

    /// The next offer restarts ICE and says everything anew. One that is outstanding may never have come: its answer is
    /// no longer waited for.
    mutating func restart(with credentials: ICECredentials) {
        self.credentials = credentials
        outstanding = nil
        isDirty = true
        for index in sections.indices {
            if case .left = sections[index].use { sections[index].use = .leaving }
        }
    }

    private func describe(_ section: Section) -> MediaDescription {
        guard let wanted = section.wanted else {
            // An empty section still has to name a format.
            let codec =
                section.kind == .audio
                ? Codec(payloadType: 111, name: "opus", clockRate: 48000, channels: 2)
                : Codec(payloadType: 96, name: "VP8", clockRate: 90000)
            return MediaDescription(
                kind: section.kind == .audio ? .audio : .video, mid: section.mid, direction: .inactive, codecs: [codec])
        }
        let codecs = CodecSupport.outgoing(wanted.codec, isRedundant: wanted.isRedundant)
        var media = MediaDescription(
            kind: wanted.kind == .audio ? .audio : .video, mid: section.mid, direction: .sendonly, codecs: codecs,
            headerExtensions: CodecSupport.outgoingExtensions(kind: wanted.kind, codec: wanted.codec))
        // Clients find the publisher in the stream's name (LiveKit's convention).
        media.msid = MSID(stream: "\(wanted.publisher)|\(wanted.stream)", track: wanted.track.rawValue)
        media.ssrcs = [SSRCAttribute(ssrc: section.ssrc, attribute: "cname", value: wanted.publisher.rawValue)]
        if codecs.contains(where: { $0.isNamed("rtx") }) {
            media.ssrcs.append(
                SSRCAttribute(ssrc: section.rtxSSRC, attribute: "cname", value: wanted.publisher.rawValue))
            media.ssrcGroups = [SSRCGroup(semantics: "FID", ssrcs: [section.ssrc, section.rtxSSRC])]
        }
        return media
    }

    /// Takes the client's answer to offer `id`; an answer to another offer is refused. 0 stands for the outstanding one,
    /// for clients that do not number.
    mutating func receive(answer text: String, id: UInt32) throws(RelayError) -> Outcome {
        guard let outstanding, id == 0 || id == outstanding else {
            throw .badDescription("an answer to no outstanding offer")
        }
        let answer = try SessionDescription(client: text, maximumSections: sections.count + 1)
        let fingerprint = try answer.anyFingerprint()
        var outcome = Outcome(fingerprint: fingerprint, started: [], refused: [])
        for index in sections.indices {
            if case .left = sections[index].use { sections[index].use = .free }
            guard case .offered(let wanted) = sections[index].use else { continue }
            // Added after the offer was made: it is in the next one.
            guard let section = answer.media(mid: sections[index].mid) else { continue }
            let offered = CodecSupport.outgoing(wanted.codec, isRedundant: wanted.isRedundant)
            guard !section.isRejected, section.direction.receives,
                let codec = section.codec(named: offered[0].name)
            else {
                sections[index].use = .leaving
                isDirty = true
                outcome.refused.append(wanted.track)
                continue
            }
            sections[index].use = .active(wanted)
            let rtx = section.rtxPayloadType(for: codec.payloadType).map {
                Subscription.RTXStream(ssrc: sections[index].rtxSSRC, payloadType: $0)
            }
            outcome.started.append(
                Started(
                    track: wanted.track, ssrc: sections[index].ssrc, payloadType: codec.payloadType,
                    redundantPayloadType: wanted.isRedundant ? Self.redundantPayloadType(section, codec) : nil,
                    rtx: rtx,
                    hasTransportWideFeedback: CodecSupport.hasTransportWideFeedback(section, hasRTX: rtx != nil),
                    hasPlayoutDelay: CodecSupport.hasPlayoutDelay(section)))
        }
        self.outstanding = nil
        return outcome
    }

    /// The payload type for redundant packets, where the client takes them with the blocks numbered as we offered.
    private static func redundantPayloadType(_ section: MediaDescription, _ primary: Codec) -> UInt8? {
        guard primary.payloadType == Redundancy.outgoing.primaryPayloadType else { return nil }
        return CodecSupport.redundant(primary, in: section)?.payloadType
    }
}
