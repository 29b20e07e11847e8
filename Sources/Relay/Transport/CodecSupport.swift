import Media

/// The codecs that are passed on. VP8 and Opus are preferred: every browser decodes them.
enum CodecSupport {
    /// Which of a publisher's offered codecs its media is to use; nil when none can be passed on.
    static func choose(from section: MediaDescription) -> Codec? {
        let preferred = section.kind == .audio ? "opus" : "VP8"
        return section.codec(named: preferred) ?? section.codecs.first { codec in trackCodec(codec) != nil }
    }

    static func trackCodec(_ codec: Codec) -> TrackCodec? {
        switch codec.name.lowercased() {
        case "opus": .audio
        case "vp8": .video(.vp8)
        case "vp9": .video(.vp9)
        case "h264": .video(.h264)
        case "av1": .video(.av1)
        default: nil
        }
    }

    static func mimeType(_ codec: Codec, kind: TrackKind) -> String {
        switch kind {
        case .audio: "audio/\(codec.name.lowercased())"
        case .video: "video/\(codec.name.uppercased())"
        }
    }

    /// The codec of a section whose packets repeat earlier ones of `primary` and nothing else (RFC 2198 §5: the payload
    /// types of the blocks are its parameter).
    static func redundant(_ primary: Codec, in section: MediaDescription) -> Codec? {
        section.codecs.first { codec in
            guard codec.isNamed("red"), codec.clockRate == primary.clockRate, codec.channels == primary.channels,
                codec.parameters.entries.count == 1, codec.parameters.entries[0].value == nil
            else { return false }
            return codec.parameters.entries[0].key.split(separator: "/", omittingEmptySubsequences: false)
                .allSatisfy { $0 == String(primary.payloadType) }
        }
    }

    /// What viewers are offered for a track whose publisher sends `codec`: the same format under payload types of our
    /// own, which are the same toward every viewer.
    static func outgoing(_ codec: Codec, isRedundant: Bool) -> [Codec] {
        let (media, rtx): (UInt8, UInt8?) =
            switch codec.name.lowercased() {
            case "opus": (Redundancy.outgoing.primaryPayloadType, nil)
            case "vp8": (96, 97)
            case "vp9": (98, 99)
            case "h264": (102, 103)
            default: (45, 46)
            }
        var offered = Codec(
            payloadType: media, name: codec.name, clockRate: codec.clockRate, channels: codec.channels,
            parameters: codec.parameters)
        guard let rtx else {
            offered.feedback = [.transportCC]
            guard isRedundant else { return [offered] }
            return [
                offered,
                Codec(
                    payloadType: Redundancy.outgoing.payloadType, name: "red", clockRate: codec.clockRate,
                    channels: codec.channels,
                    parameters: FormatParameters([.init(key: "\(media)/\(media)", value: nil)])),
            ]
        }
        offered.feedback = [.nack, .pli, .fir, .transportCC, .remb]
        return [
            offered,
            Codec(
                payloadType: rtx, name: "rtx", clockRate: codec.clockRate, parameters: ["apt": String(media)]),
        ]
    }

    /// The feedback that we use, of what a publisher offers for a codec: an estimate of ours (REMB) only for those who make
    /// none themselves.
    static func feedback(_ codec: Codec) -> [RTCPFeedback] {
        let used: [RTCPFeedback] = [.nack, .pli, .fir, codec.feedback.contains(.transportCC) ? .transportCC : .remb]
        return codec.feedback.filter(used.contains)
    }

    /// Header extensions that a publisher is asked for.
    static func incomingExtensions(_ section: MediaDescription) -> [HeaderExtension] {
        var wanted: Set<String> = [RTPExtensionURI.mid, RTPExtensionURI.transportWideCC]
        if section.kind == .video {
            wanted.formUnion([RTPExtensionURI.rid, RTPExtensionURI.repairedRID])
        }
        wanted.formUnion(CanonicalExtension.allCases.map(\.uri))
        return section.headerExtensions
            .filter { wanted.contains($0.uri) && $0.direction != .recvonly && $0.direction != .inactive }
            .map { HeaderExtension(id: $0.id, uri: $0.uri) }
    }

    /// Whether a viewer who answered with `section` reports on every packet by its transport-wide number. Without a stream
    /// for retransmissions the same packet goes out again under the same number, so it may carry nothing that changes.
    static func hasTransportWideFeedback(_ section: MediaDescription, hasRTX: Bool) -> Bool {
        section.headerExtensions.contains {
            $0.uri == RTPExtensionURI.transportWideCC && $0.id == CanonicalExtension.transportWideCC
        } && (section.kind == .audio || hasRTX)
    }

    /// Whether the player of a viewer who answered with `section` can be told how long to hold pictures back.
    static func hasPlayoutDelay(_ section: MediaDescription) -> Bool {
        section.headerExtensions.contains {
            $0.uri == RTPExtensionURI.playoutDelay && $0.id == CanonicalExtension.playoutDelay.rawValue
        }
    }

    /// Header extensions that a viewer is offered.
    static func outgoingExtensions(kind: TrackKind, codec: Codec) -> [HeaderExtension] {
        let wanted: [CanonicalExtension] =
            switch kind {
            case .audio: [.audioLevel, .absCaptureTime]
            case .video where codec.isNamed("AV1") || codec.isNamed("VP9"):
                [.videoOrientation, .playoutDelay, .absCaptureTime, .dependencyDescriptor]
            case .video: [.videoOrientation, .playoutDelay, .absCaptureTime]
            }
        return wanted.map { HeaderExtension(id: $0.rawValue, uri: $0.uri) } + [
            HeaderExtension(id: CanonicalExtension.transportWideCC, uri: RTPExtensionURI.transportWideCC)
        ]
    }
}
