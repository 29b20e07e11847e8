import Media
import Testing

@testable import Relay

@Suite struct SubscriberNegotiationTests {
    static func negotiation() -> SubscriberNegotiation {
        SubscriberNegotiation(credentials: .test, endpoint: .test, sessionID: 5, firstSSRC: 100)
    }

    static func wanted(_ name: String, _ kind: TrackKind = .video) -> SubscriberNegotiation.Wanted {
        SubscriberNegotiation.Wanted(
            track: TrackID(name), publisher: ParticipantID("PA_p"), stream: "camera", kind: kind,
            codec: kind == .video
                ? Codec(payloadType: 120, name: "VP8", clockRate: 90000)
                : Codec(payloadType: 109, name: "opus", clockRate: 48000, channels: 2))
    }

    /// The offer that is due.
    static func offer(_ negotiation: inout SubscriberNegotiation) throws -> (sdp: String, id: UInt32) {
        let offer = negotiation.offer()
        return try #require(offer)
    }

    /// The answer of a client that takes everything but the sections named.
    static func answer(_ sdp: String, refusing refused: Set<String> = []) throws -> String {
        let offer = try SessionDescription(parsing: sdp)
        var answer = offer
        answer.isICELite = false
        answer.media = offer.media.map { offered in
            var section = MediaDescription(
                kind: offered.kind, mid: offered.mid, direction: offered.direction.reversed, codecs: offered.codecs)
            section.fingerprint = LocalEndpoint.test.fingerprint
            section.setup = .active
            section.sctpPort = offered.sctpPort
            if refused.contains(offered.mid ?? "") { section.port = 0 }
            return section
        }
        return answer.serialized()
    }

    static func directions(_ sdp: String) throws -> [MediaDescription.Direction] {
        try SessionDescription(parsing: sdp).media.dropFirst().map(\.direction)
    }

    @Test func `the first offer has the data channels, and there is none while one is outstanding`() throws {
        var negotiation = Self.negotiation()
        let first = try Self.offer(&negotiation)
        #expect(try SessionDescription(parsing: first.sdp).media.map(\.kind) == [.application])
        negotiation.add(Self.wanted("TR_1"))
        #expect(negotiation.offer() == nil)
        #expect(try negotiation.receive(answer: Self.answer(first.sdp), id: first.id).started.count == 0)
        let second = try Self.offer(&negotiation)
        #expect(second.id != first.id)
        let section = try SessionDescription(parsing: second.sdp).media[1]
        #expect(section.direction == .sendonly)
        #expect(section.msid == MSID(stream: "PA_p|camera", track: "TR_1"))
        #expect(section.codecs.map(\.payloadType) == [96, 97])
        let outcome = try negotiation.receive(answer: Self.answer(second.sdp), id: second.id)
        #expect(outcome.started.map(\.ssrc) == [section.ssrcs[0].ssrc])
        #expect(outcome.started.first?.rtx?.ssrc == section.rtxSSRC(for: section.ssrcs[0].ssrc))
        #expect(negotiation.offer() == nil)
    }

    @Test(arguments: [true, false], [true, false])
    func `packets are numbered for the transport where the client takes the extension and retransmissions`(
        hasExtension: Bool, hasRTX: Bool
    ) throws {
        var negotiation = Self.negotiation()
        negotiation.add(Self.wanted("TR_1"))
        negotiation.add(Self.wanted("TR_2", .audio))
        let offer = try Self.offer(&negotiation)
        let offered = try SessionDescription(parsing: offer.sdp)
        #expect(offered.media[1].codecs[0].feedback.contains(.transportCC))
        #expect(offered.media[1].codecs[0].feedback.contains(.remb))
        var answer = try SessionDescription(parsing: Self.answer(offer.sdp))
        for index in 1...2 {
            let extensions = offered.media[index].headerExtensions
            #expect(extensions.contains { $0.uri == RTPExtensionURI.transportWideCC })
            if hasExtension { answer.media[index].headerExtensions = extensions }
            if !hasRTX { answer.media[index].codecs.removeAll { $0.isNamed("rtx") } }
        }
        let outcome = try negotiation.receive(answer: answer.serialized(), id: offer.id)
        #expect(outcome.started.map(\.hasTransportWideFeedback) == [hasExtension && hasRTX, hasExtension])
    }

    @Test func `a section is told to be inactive before another track takes it`() throws {
        var negotiation = Self.negotiation()
        negotiation.add(Self.wanted("TR_1"))
        let first = try Self.offer(&negotiation)
        _ = try negotiation.receive(answer: Self.answer(first.sdp), id: first.id)
        // One goes and one comes before anything is offered.
        negotiation.remove(TrackID("TR_1"))
        negotiation.add(Self.wanted("TR_2"))
        let second = try Self.offer(&negotiation)
        #expect(try Self.directions(second.sdp) == [.inactive, .sendonly])
        _ = try negotiation.receive(answer: Self.answer(second.sdp), id: second.id)
        negotiation.add(Self.wanted("TR_3"))
        let third = try Self.offer(&negotiation)
        #expect(try Self.directions(third.sdp) == [.sendonly, .sendonly])
        let media = try SessionDescription(parsing: third.sdp).media
        #expect(media[1].msid?.track == "TR_3")
        #expect(
            try negotiation.receive(answer: Self.answer(third.sdp), id: third.id).started.map(\.track.rawValue) == [
                "TR_3"
            ])
    }

    @Test func `a section of one kind never turns into another`() throws {
        var negotiation = Self.negotiation()
        negotiation.add(Self.wanted("TR_1", .audio))
        let first = try Self.offer(&negotiation)
        _ = try negotiation.receive(answer: Self.answer(first.sdp), id: first.id)
        negotiation.remove(TrackID("TR_1"))
        let second = try Self.offer(&negotiation)
        _ = try negotiation.receive(answer: Self.answer(second.sdp), id: second.id)
        negotiation.add(Self.wanted("TR_2", .video))
        let third = try SessionDescription(parsing: try Self.offer(&negotiation).sdp)
        #expect(third.media.map(\.kind) == [.application, .audio, .video])
    }

    @Test func `tracks that come and go while the client does not answer take no more room`() throws {
        var negotiation = Self.negotiation()
        let first = try Self.offer(&negotiation)
        for index in 0..<500 {
            negotiation.add(Self.wanted("TR_\(index)"))
            negotiation.remove(TrackID("TR_\(index)"))
        }
        _ = try negotiation.receive(answer: Self.answer(first.sdp), id: first.id)
        let second = try Self.offer(&negotiation)
        #expect(try SessionDescription(parsing: second.sdp).media.count <= 2)
    }

    @Test func `a client may have used more sections than it may offer`() throws {
        var negotiation = Self.negotiation()
        for kind in [TrackKind.video, .audio] {
            for index in 0..<60 { negotiation.add(Self.wanted("TR_\(kind)\(index)", kind)) }
            let offer = try Self.offer(&negotiation)
            #expect(try negotiation.receive(answer: Self.answer(offer.sdp), id: offer.id).started.count == 60)
            for index in 0..<60 { negotiation.remove(TrackID("TR_\(kind)\(index)")) }
        }
    }

    @Test func `a track that goes while its offer is outstanding does not start`() throws {
        var negotiation = Self.negotiation()
        negotiation.add(Self.wanted("TR_1"))
        let first = try Self.offer(&negotiation)
        negotiation.remove(TrackID("TR_1"))
        #expect(try negotiation.receive(answer: Self.answer(first.sdp), id: first.id).started.count == 0)
        let second = try Self.offer(&negotiation)
        #expect(try Self.directions(second.sdp) == [.inactive])
    }

    @Test func `a section that the client refuses is given up`() throws {
        var negotiation = Self.negotiation()
        negotiation.add(Self.wanted("TR_1"))
        negotiation.add(Self.wanted("TR_2"))
        let offer = try Self.offer(&negotiation)
        let outcome = try negotiation.receive(answer: Self.answer(offer.sdp, refusing: ["1"]), id: offer.id)
        #expect(outcome.refused == [TrackID("TR_1")])
        #expect(outcome.started.map(\.track.rawValue) == ["TR_2"])
        #expect(try Self.directions(try Self.offer(&negotiation).sdp) == [.inactive, .sendonly])
    }

    @Test func `an answer to nothing, or to another offer, is refused`() throws {
        var negotiation = Self.negotiation()
        let offer = try Self.offer(&negotiation)
        let answer = try Self.answer(offer.sdp)
        #expect(throws: RelayError.self) { _ = try negotiation.receive(answer: answer, id: offer.id + 1) }
        _ = try negotiation.receive(answer: answer, id: 0)
        #expect(throws: RelayError.self) { _ = try negotiation.receive(answer: answer, id: offer.id) }
    }
}
