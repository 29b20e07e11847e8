import Media

/// The session descriptions of a synthetic client.
enum ClientDescription {
    /// Header extension identifiers of our offers.
    private enum ExtensionID {
        static let mid: UInt8 = 1
        static let rid: UInt8 = 2
        static let repairedRID: UInt8 = 3
        static let transportWideCC: UInt8 = 4
        static let absCaptureTime: UInt8 = 5
    }

    private static let audioMID = "0"
    private static let videoMID = "1"

    /// Takes everything that is offered.
    static func answer(
        _ offer: SessionDescription, credentials: ICECredentials, fingerprint: Fingerprint
    ) -> SessionDescription {
        let sections = offer.media.map { offered in
            var section = MediaDescription(
                kind: offered.kind, protocol: offered.protocol, mid: offered.mid,
                direction: offered.direction.reversed, codecs: offered.codecs,
                headerExtensions: offered.headerExtensions)
            section.sctpPort = offered.sctpPort
            return section
        }
        return describe(sections, .active, credentials, fingerprint)
    }

    /// The streams that an offer brings.
    static func streams(of offer: SessionDescription) -> [OfferedStream] {
        offer.media.compactMap { section in
            guard section.direction.sends, section.kind == .audio || section.kind == .video,
                let ssrc = section.ssrcs.first?.ssrc
            else { return nil }
            return OfferedStream(
                ssrc: ssrc, rtxSSRC: section.rtxSSRC(for: ssrc), isVideo: section.kind == .video,
                clockRate: section.kind == .video ? 90_000 : 48_000,
                transportWideID: section.headerExtensionID(uri: RTPExtensionURI.transportWideCC) ?? 0,
                captureTimeID: section.headerExtensionID(uri: RTPExtensionURI.absCaptureTime) ?? 0)
        }
    }

    /// One sound and one picture.
    static func offer(
        _ profile: VideoProfile, _ media: PublishedMedia, trackNames: (audio: String, video: String),
        credentials: ICECredentials, fingerprint: Fingerprint
    ) -> SessionDescription {
        let common = [
            HeaderExtension(id: ExtensionID.mid, uri: RTPExtensionURI.mid),
            HeaderExtension(id: ExtensionID.transportWideCC, uri: RTPExtensionURI.transportWideCC),
        ]
        var audio = MediaDescription(
            kind: .audio, mid: audioMID, direction: .sendonly,
            codecs: [
                Codec(
                    payloadType: 111, name: "opus", clockRate: 48_000, channels: 2,
                    parameters: ["minptime": "10", "useinbandfec": "1"])
            ], headerExtensions: common)
        audio.msid = MSID(stream: "load", track: trackNames.audio)
        audio.ssrcs = [SSRCAttribute(ssrc: media.audioSSRC, attribute: "cname", value: "load")]
        var video = MediaDescription(
            kind: .video, mid: videoMID, direction: .sendonly,
            codecs: [
                Codec(
                    payloadType: 96, name: "VP8", clockRate: 90_000,
                    feedback: [.nack, .pli, .fir, .transportCC]),
                Codec(payloadType: 97, name: "rtx", clockRate: 90_000, parameters: ["apt": "96"]),
            ],
            headerExtensions: common + [
                HeaderExtension(id: ExtensionID.rid, uri: RTPExtensionURI.rid),
                HeaderExtension(id: ExtensionID.repairedRID, uri: RTPExtensionURI.repairedRID),
                HeaderExtension(id: ExtensionID.absCaptureTime, uri: RTPExtensionURI.absCaptureTime),
            ])
        video.msid = MSID(stream: "load", track: trackNames.video)
        if profile.isSimulcast {
            video.rids = profile.layers.map { RID(id: $0.rid, direction: .send) }
            video.simulcast = Simulcast(sendRIDs: profile.layers.map(\.rid))
        } else {
            let (ssrc, rtx) = media.video[0]
            video.ssrcs = [ssrc, rtx].map { SSRCAttribute(ssrc: $0, attribute: "cname", value: "load") }
            video.ssrcGroups = [SSRCGroup(semantics: "FID", ssrcs: [ssrc, rtx])]
        }
        return describe([audio, video], .actpass, credentials, fingerprint)
    }

    /// What is sent, before the answer has settled it.
    static func media(_ profile: VideoProfile) -> PublishedMedia {
        let first = UInt32.random(in: 1..<1 << 30)
        return PublishedMedia(
            audioPayloadType: 111, videoPayloadType: 96, rtxPayloadType: 97, audioSSRC: first,
            video: profile.layers.indices.map { (first + 1 + 2 * UInt32($0), first + 2 + 2 * UInt32($0)) },
            audioMID: audioMID, videoMID: videoMID, midID: ExtensionID.mid, ridID: ExtensionID.rid,
            repairedRIDID: ExtensionID.repairedRID, transportWideID: ExtensionID.transportWideCC,
            captureTimeID: ExtensionID.absCaptureTime)
    }

    /// What the answer leaves of it; nil when it refuses the picture or the sound.
    static func settle(_ media: PublishedMedia, _ answer: SessionDescription) -> PublishedMedia? {
        guard let audio = answer.media(mid: media.audioMID), let video = answer.media(mid: media.videoMID),
            !audio.isRejected, !video.isRejected, video.codec(named: "VP8") != nil
        else { return nil }
        var media = media
        if video.rtxPayloadType(for: media.videoPayloadType) == nil { media.rtxPayloadType = nil }
        media.transportWideID = video.headerExtensionID(uri: RTPExtensionURI.transportWideCC) ?? 0
        media.captureTimeID = video.headerExtensionID(uri: RTPExtensionURI.absCaptureTime) ?? 0
        return media
    }

    private static func describe(
        _ sections: [MediaDescription], _ setup: Setup, _ credentials: ICECredentials, _ fingerprint: Fingerprint
    ) -> SessionDescription {
        SessionDescription(
            origin: SessionDescription.Origin(sessionID: 1, version: 1), groupBundle: sections.compactMap(\.mid),
            iceCredentials: credentials, fingerprint: fingerprint, setup: setup, media: sections)
    }
}
