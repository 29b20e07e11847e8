import Media
import Testing

@testable import Relay

@Suite struct PublisherNegotiationTests {
    static let offers = [
        "chromium156_sendonly", "chromium156_sendonly_datachannel", "chromium156_simulcast_vp8",
        "chromium156_simulcast_all", "firefox153_sendonly", "firefox153_simulcast_vp8",
        "firefox153_sendonly_datachannel", "livekit_py120_v0_publish_offer", "livekit_py120_v1_publish_offer",
        "gst122_webrtcbin_offer",
    ]

    static func negotiation() -> PublisherNegotiation {
        PublisherNegotiation(credentials: .test, endpoint: .test, sessionID: 5)
    }

    static let announced = [
        PublisherNegotiation.Announced(track: TrackID("TR_v"), clientID: "?v", kind: .video, layerCount: 3),
        PublisherNegotiation.Announced(track: TrackID("TR_a"), clientID: "?a", kind: .audio, layerCount: 1),
    ]

    @Test(arguments: offers)
    func `a real offer is answered section by section with what we can pass on`(name: String) throws {
        var negotiation = Self.negotiation()
        let offer = try SessionDescription(parsing: OfferFixture.text(name))
        let outcome = try negotiation.answer(OfferFixture.text(name), announced: Self.announced)
        let answer = try SessionDescription(parsing: outcome.answer)
        #expect(answer.isICELite)
        #expect(answer.media.map(\.mid) == offer.media.map(\.mid))
        #expect(answer.media.map(\.kind) == offer.media.map(\.kind))
        #expect(outcome.fingerprint == (try offer.anyFingerprint()))
        #expect(Set(answer.groupBundle).isSubset(of: Set(offer.groupBundle)))
        for (section, offered) in zip(answer.media, offer.media) where !section.isRejected {
            #expect(answer.iceCredentials(of: section) == .test)
            #expect(answer.setup(of: section) == .passive)
            #expect(section.candidates.compactMap(\.transportAddress?.description) == ["192.0.2.1:7882"])
            guard section.kind != .application else {
                #expect(section.sctpPort == 5000)
                #expect(section.maxMessageSize == 65_536)
                continue
            }
            #expect(section.rtcpMux)
            #expect(!section.direction.sends)
            // One codec of the offer's own numbers, and its retransmission.
            let preferred = section.kind == .audio ? "opus" : "VP8"
            #expect(section.codecs.first?.isNamed(preferred) == true)
            #expect(section.codecs.count == (offered.rtxPayloadType(for: section.codecs[0].payloadType) == nil ? 1 : 2))
            for codec in section.codecs { #expect(offered.codec(payloadType: codec.payloadType)?.name == codec.name) }
            for item in section.headerExtensions {
                #expect(offered.headerExtensionID(uri: item.uri) == item.id)
                #expect(item.uri != RTPExtensionURI.absSendTime)
            }
            if section.kind == .video, !offered.rids.isEmpty, section.direction == .recvonly {
                #expect(section.rids.map(\.id) == offered.rids.map(\.id))
                #expect(section.rids.allSatisfy { $0.direction == .recv })
                #expect(section.simulcast?.recvRIDs == offered.rids.map(\.id))
            }
        }
        for started in outcome.started {
            #expect(answer.media(mid: started.mid)?.direction == .recvonly)
            #expect(started.trackCodec == (started.track == TrackID("TR_a") ? .audio : .video(.vp8)))
        }
        #expect(!outcome.started.isEmpty)
    }

    @Test(arguments: ["chromium156_simulcast_vp8", "firefox153_simulcast_vp8"])
    func `the layers of simulcast are numbered from the lowest`(name: String) throws {
        var negotiation = Self.negotiation()
        let outcome = try negotiation.answer(OfferFixture.text(name), announced: Self.announced)
        let video = try #require(outcome.started.first { $0.track == TrackID("TR_v") })
        #expect(video.rids.count == 3)
        if Set(video.rids) == ["q", "h", "f"] { #expect(video.rids == ["q", "h", "f"]) }
        #expect(video.extensions.rid != 0 && video.extensions.mid != 0)
        #expect(video.extensions.repairedRID != 0)
        #expect(video.ssrcs.isEmpty)
    }

    @Test(arguments: ["ffmpeg8_whip_offer", "ffmpeg9_whip_offer"])
    func `an offer of H.264 alone is taken as it is`(name: String) throws {
        var negotiation = Self.negotiation()
        let outcome = try negotiation.answer(OfferFixture.text(name), announced: Self.announced)
        let codecs = Set(outcome.started.map(\.trackCodec))
        #expect(codecs == [.audio, .video(.h264)])
    }

    @Test func `an offer without announced tracks is answered inactive`() throws {
        var negotiation = Self.negotiation()
        let outcome = try negotiation.answer(OfferFixture.text("chromium156_sendonly"), announced: [])
        let answer = try SessionDescription(parsing: outcome.answer)
        #expect(answer.media.allSatisfy { $0.direction == .inactive && !$0.isRejected })
        #expect(outcome.started.isEmpty)
    }

    @Test func `a section that turns inactive ends its track, once`() throws {
        var negotiation = Self.negotiation()
        let text = try OfferFixture.text("chromium156_sendonly")
        #expect(try negotiation.answer(text, announced: Self.announced).started.count == 2)
        let inactive = text.replacing("a=sendonly", with: "a=inactive")
        #expect(Set(try negotiation.answer(inactive, announced: []).stopped) == [TrackID("TR_a"), TrackID("TR_v")])
        #expect(try negotiation.answer(inactive, announced: []).stopped.count == 0)
    }

    @Test func `an offer that is refused changes nothing`() throws {
        var negotiation = Self.negotiation()
        let text = try OfferFixture.text("chromium156_sendonly")
        let without = text.split(separator: "\r\n").filter { !$0.hasPrefix("a=fingerprint") }.joined(separator: "\r\n")
        #expect(throws: RelayError.self) {
            _ = try negotiation.answer(without + "\r\n", announced: Self.announced)
        }
        #expect(negotiation.tracks.isEmpty)
        #expect(try negotiation.answer(text, announced: Self.announced).started.count == 2)
    }

    @Test func `a section takes the track that it names before one that another section names`() throws {
        var negotiation = Self.negotiation()
        let videos = ["one", "two"].enumerated().map { index, name in
            var track = TestTrack(.video, clientID: name, mid: "m\(index)", rids: [""], firstSSRC: UInt32(10 * index))
            track.isPublished = true
            return track
        }
        // A third section is the first of all and names a track that nobody announced.
        let unknown = TestTrack(.video, clientID: "unknown", mid: "m9", rids: [""], firstSSRC: 90)
        let offer = SessionDescription(
            origin: .init(sessionID: 1, version: 1), fingerprint: LocalEndpoint.test.fingerprint,
            media: ([unknown] + videos).map(\.section))
        let outcome = try negotiation.answer(
            offer.serialized(),
            announced: ["two", "one"].map {
                PublisherNegotiation.Announced(track: TrackID("TR_\($0)"), clientID: $0, kind: .video, layerCount: 1)
            })
        #expect(outcome.started.map(\.mid) == ["m0", "m1"])
        #expect(outcome.started.map(\.track.rawValue) == ["TR_one", "TR_two"])
    }

    @Test func `garbage is refused with a reason`() {
        var negotiation = Self.negotiation()
        for text in ["", "v=0", "hello\r\nm=audio", String(repeating: "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", count: 100)]
        {
            #expect(throws: RelayError.self) { _ = try negotiation.answer(text, announced: []) }
        }
    }
}
