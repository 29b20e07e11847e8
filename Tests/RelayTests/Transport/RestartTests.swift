import Media
import Testing

@testable import Relay

@Suite struct RestartTests {
    private static let fresh = ICECredentials(ufrag: "fresh", password: "a fresh password 12345678")

    private static func text(ufrag: String) throws -> String {
        var offer = try SessionDescription(parsing: OfferFixture.text("chromium156_sendonly_datachannel"))
        let credentials = ICECredentials(ufrag: ufrag, password: "the client's password 12")
        for index in offer.media.indices { offer.media[index].iceCredentials = credentials }
        return offer.serialized()
    }

    @Test func `an offer with the same credentials restarts nothing, one with others takes new ones of ours`() throws {
        var negotiation = PublisherNegotiationTests.negotiation()
        for (ufrag, restarts) in [("one1", false), ("one1", false), ("two2", true), ("two2", false), ("three", true)] {
            let outcome = try negotiation.answer(Self.text(ufrag: ufrag), announced: [], fresh: { Self.fresh })
            #expect(outcome.restarted == (restarts ? Self.fresh : nil))
            let answer = try SessionDescription(parsing: outcome.answer)
            let section = try #require(answer.media.first { !$0.isRejected })
            #expect(answer.iceCredentials(of: section) == negotiation.credentials)
            #expect(negotiation.credentials == (ufrag == "one1" ? .test : Self.fresh))
        }
    }

    @Test func `an offer that is refused restarts nothing`() throws {
        var negotiation = PublisherNegotiationTests.negotiation()
        _ = try negotiation.answer(Self.text(ufrag: "one1"), announced: [])
        #expect(throws: RelayError.self) { try negotiation.answer("v=0\r\n", announced: []) }
        #expect(negotiation.credentials == .test)
    }

    @Test func `a restart says everything anew, and waits no longer for the answer to what may not have come`() throws {
        var negotiation = SubscriberNegotiationTests.negotiation()
        negotiation.add(SubscriberNegotiationTests.wanted("TR_1"))
        let lost = try SubscriberNegotiationTests.offer(&negotiation)
        negotiation.add(SubscriberNegotiationTests.wanted("TR_2", .audio))
        #expect(negotiation.offer() == nil)
        negotiation.restart(with: Self.fresh)
        let offer = try SubscriberNegotiationTests.offer(&negotiation)
        let description = try SessionDescription(parsing: offer.sdp)
        #expect(description.media.allSatisfy { description.iceCredentials(of: $0) == Self.fresh })
        #expect(try SubscriberNegotiationTests.directions(offer.sdp) == [.sendonly, .sendonly])
        #expect(throws: RelayError.self) {
            try negotiation.receive(answer: SubscriberNegotiationTests.answer(lost.sdp), id: lost.id)
        }
        let outcome = try negotiation.receive(
            answer: SubscriberNegotiationTests.answer(offer.sdp), id: offer.id)
        #expect(outcome.started.map(\.track.rawValue) == ["TR_1", "TR_2"])
    }

    @Test func `what was told to be gone in a lost offer is told again before its section is reused`() throws {
        var negotiation = SubscriberNegotiationTests.negotiation()
        negotiation.add(SubscriberNegotiationTests.wanted("TR_1"))
        let first = try SubscriberNegotiationTests.offer(&negotiation)
        _ = try negotiation.receive(answer: SubscriberNegotiationTests.answer(first.sdp), id: first.id)
        negotiation.remove(TrackID("TR_1"))
        _ = try SubscriberNegotiationTests.offer(&negotiation)
        negotiation.restart(with: Self.fresh)
        negotiation.add(SubscriberNegotiationTests.wanted("TR_2"))
        let offer = try SubscriberNegotiationTests.offer(&negotiation)
        #expect(try SubscriberNegotiationTests.directions(offer.sdp) == [.inactive, .sendonly])
    }

    private static func setup(_ ufrag: String) throws -> TransportSetup {
        TransportSetup(
            id: TransportID(rawValue: 1), direction: .incoming,
            credentials: ICECredentials(ufrag: ufrag, password: "password of \(ufrag)"),
            certificate: PeerTransport.certificate, limits: DataLimits())
    }

    @Test func `a session is found under its last two fragments, each with its password`() throws {
        let directory = SessionDirectory()
        directory.add(try Self.setup("first"))
        for ufrag in ["second", "third"] {
            directory.restart(
                TransportID(rawValue: 1), with: ICECredentials(ufrag: ufrag, password: "password of \(ufrag)"))
        }
        #expect(directory.credentials(ufrag: "first") == nil)
        #expect(directory.credentials(ufrag: "second")?.password == "password of second")
        #expect(directory.credentials(ufrag: "third")?.password == "password of third")
        guard case .granted(let setup, _) = directory.claim(ufrag: "second", for: 0) else {
            Issue.record("not granted")
            return
        }
        #expect(setup.credentials.ufrag == "third" && setup.formerCredentials?.ufrag == "second")
    }

    @Test func `a session that is removed is found under neither fragment`() throws {
        let directory = SessionDirectory()
        directory.add(try Self.setup("first"))
        let second = ICECredentials(ufrag: "second", password: "password of second")
        directory.restart(TransportID(rawValue: 1), with: second)
        directory.remove(TransportID(rawValue: 1))
        #expect(directory.credentials(ufrag: "first") == nil && directory.credentials(ufrag: "second") == nil)
        directory.restart(TransportID(rawValue: 1), with: second)
        #expect(directory.credentials(ufrag: "second") == nil)
    }
}

@Suite struct DeparturesTests {
    private func state(_ identity: String) -> ParticipantState {
        ParticipantState(
            id: ParticipantID("PA_\(identity)"), identity: identity, name: "", metadata: "long", attributes: ["a": "b"],
            stage: .disconnected, joinedAt: 0, permission: Permission(), tracks: [], version: 2,
            leaveReason: .roomClosed)
    }

    @Test func `who left of late is known by name, unless they came again, for less than a minute`() {
        var departures = Departures()
        let start = Instant(nanoseconds: 0)
        departures.note(state("gone"), at: start)
        departures.note(state("back"), at: start + .seconds(10))
        let told = departures.states(at: start + .seconds(20)) { $0 == "back" }
        #expect(told.map(\.identity) == ["gone"])
        #expect(told.allSatisfy { $0.metadata.isEmpty && $0.attributes.isEmpty && $0.leaveReason == .roomClosed })
        #expect(departures.states(at: start + .seconds(50)) { _ in false }.map(\.identity) == ["back"])
        #expect(departures.states(at: start + .seconds(60)) { _ in false }.isEmpty)
    }

    @Test func `no more departures are kept than are of use`() {
        var departures = Departures()
        for index in 0..<5000 { departures.note(state("\(index)"), at: Instant(nanoseconds: Int64(index))) }
        let kept = departures.states(at: Instant(nanoseconds: 5000)) { _ in false }
        #expect(kept.count == 1024 && kept.last?.identity == "4999")
    }
}
