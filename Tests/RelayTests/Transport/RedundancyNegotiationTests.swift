import Media
import Testing

@testable import Relay

/// Who may send and who gets redundant audio (RFC 2198).
@Suite struct RedundancyNegotiationTests {
    private static func announced(allowed: Bool) -> [PublisherNegotiation.Announced] {
        [
            PublisherNegotiation.Announced(track: TrackID("TR_v"), clientID: "?v", kind: .video, layerCount: 3),
            PublisherNegotiation.Announced(
                track: TrackID("TR_a"), clientID: "?a", kind: .audio, layerCount: 1, allowsRedundancy: allowed),
        ]
    }

    /// The codecs of the section that carries the sound, and what started.
    private static func answer(
        _ offer: String, _ negotiation: inout PublisherNegotiation, announced: [PublisherNegotiation.Announced]
    ) throws -> (codecs: [Codec], started: PublisherNegotiation.Started?) {
        let outcome = try negotiation.answer(offer, announced: announced)
        let mid = try #require(negotiation.tracks.first { $0.value == TrackID("TR_a") }?.key)
        let section = try SessionDescription(parsing: outcome.answer).media(mid: mid)
        return (section?.codecs ?? [], outcome.started.first { $0.track == TrackID("TR_a") })
    }

    @Test(arguments: [
        "chromium156_sendonly", "chromium156_simulcast_vp8", "livekit_py120_v0_publish_offer",
        "livekit_py120_v1_publish_offer",
    ])
    func `a publisher who offers it is asked for it first, with in-band FEC, in every answer`(name: String) throws {
        var negotiation = PublisherNegotiationTests.negotiation()
        let offer = try OfferFixture.text(name)
        let first = try Self.answer(offer, &negotiation, announced: Self.announced(allowed: true))
        #expect(first.codecs.map(\.name) == ["red", "opus"])
        #expect(first.codecs.map(\.payloadType) == [63, 111])
        #expect(first.codecs.first?.parameters.text == "111/111")
        #expect(first.codecs.last?.parameters["useinbandfec"] == "1")
        #expect(first.started?.redundancy == Redundancy(payloadType: 63, primaryPayloadType: 111))
        #expect(first.started?.codec.payloadType == 111)
        let second = try Self.answer(offer, &negotiation, announced: [])
        #expect(second.codecs == first.codecs)
        #expect(second.started == nil)
    }

    @Test func `a track without it is sent plain, also when the publisher offers again`() throws {
        var negotiation = PublisherNegotiationTests.negotiation()
        let offer = try OfferFixture.text("chromium156_sendonly")
        for announced in [Self.announced(allowed: false), []] {
            let (codecs, started) = try Self.answer(offer, &negotiation, announced: announced)
            #expect(codecs.map(\.name) == ["opus"])
            #expect(started?.redundancy == nil)
        }
    }

    @Test(arguments: ["111/111", "111", "111/111/111"], ["9/9", "111/9", "111/", "", "111/111;x=1", "red=111/111"])
    func `it is for repeating Opus and nothing else`(good: String, bad: String) throws {
        let offer = try OfferFixture.text("chromium156_sendonly")
        for (types, codecs) in [(good, ["red", "opus"]), (bad, ["opus"])] {
            var negotiation = PublisherNegotiationTests.negotiation()
            let line = types.isEmpty ? "a=x" : "a=fmtp:63 \(types)"
            let answer = try Self.answer(
                offer.replacing("a=fmtp:63 111/111", with: line), &negotiation, announced: Self.announced(allowed: true)
            )
            #expect(answer.codecs.map(\.name) == codecs, "\(types)")
        }
    }

    @Test(arguments: ["firefox153_sendonly", "gst122_webrtcbin_offer"])
    func `a publisher who does not offer it sends plain packets`(name: String) throws {
        var negotiation = PublisherNegotiationTests.negotiation()
        let (codecs, started) = try Self.answer(
            OfferFixture.text(name), &negotiation, announced: Self.announced(allowed: true))
        #expect(codecs.map { $0.name.lowercased() } == ["opus"])
        #expect(started?.redundancy == nil)
    }

    @Test(arguments: [(disabled: false, encryption: 0), (true, 0), (false, 1)])
    func `a publisher may do without it, and what is encrypted end to end goes without`(
        disabled: Bool, encryption: Int
    ) {
        let request = TrackRequest(clientID: "a", kind: .audio, disablesRED: disabled, encryption: encryption)
        let announced = Publication(request, id: TrackID("TR_a")).announced
        #expect(announced.allowsRedundancy == (!disabled && encryption == 0))
    }

    // MARK: Viewers

    private static func wanted(_ isRedundant: Bool) -> SubscriberNegotiation.Wanted {
        var wanted = SubscriberNegotiationTests.wanted("TR_1", .audio)
        wanted.isRedundant = isRedundant
        return wanted
    }

    /// What a viewer gets whose answer was changed so.
    private static func started(
        _ change: (inout MediaDescription) -> Void
    ) throws -> SubscriberNegotiation.Started? {
        var negotiation = SubscriberNegotiationTests.negotiation()
        negotiation.add(wanted(true))
        let offer = try SubscriberNegotiationTests.offer(&negotiation)
        var answer = try SessionDescription(parsing: SubscriberNegotiationTests.answer(offer.sdp))
        change(&answer.media[1])
        return try negotiation.receive(answer: answer.serialized(), id: offer.id).started.first
    }

    @Test(arguments: [true, false])
    func `viewers are offered what the publisher sends`(isRedundant: Bool) throws {
        var negotiation = SubscriberNegotiationTests.negotiation()
        negotiation.add(Self.wanted(isRedundant))
        let section = try SessionDescription(parsing: SubscriberNegotiationTests.offer(&negotiation).sdp).media[1]
        #expect(section.codecs.map(\.payloadType) == (isRedundant ? [111, 63] : [111]))
        #expect(section.codecs[0].isNamed("opus"))
        #expect(section.ssrcs.count == 1 && section.ssrcGroups.isEmpty)
        guard isRedundant else { return }
        #expect(section.codecs[1].isNamed("red"))
        #expect(section.codecs[1].channels == 2)
        #expect(section.codecs[1].parameters.text == "111/111")
    }

    @Test func `a viewer who takes it gets it under the payload type that they answer with`() throws {
        let asOffered = try Self.started { _ in }
        #expect(asOffered?.payloadType == 111)
        #expect(asOffered?.redundantPayloadType == 63)
        let renumbered = try Self.started { $0.codecs[1].payloadType = 70 }
        #expect(renumbered?.redundantPayloadType == 70)
    }

    @Test func `a viewer who leaves it out, or numbers Opus in another way, gets plain packets`() throws {
        let without = try Self.started { $0.codecs.removeLast() }
        #expect(without?.payloadType == 111)
        #expect(without?.redundantPayloadType == nil)
        let renumbered = try Self.started {
            $0.codecs[0].payloadType = 109
            $0.codecs[1].parameters = FormatParameters([.init(key: "109/109", value: nil)])
        }
        #expect(renumbered?.payloadType == 109)
        #expect(renumbered?.redundantPayloadType == nil)
    }
}
