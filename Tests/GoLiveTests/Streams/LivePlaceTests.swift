import Testing

@testable import GoLive
@testable import Relay

@Suite struct LivePlaceTests {
    static let host = "h"
    let start = Moment.now()

    func after(_ seconds: Int) -> Moment {
        Moment(instant: start.instant + .seconds(seconds), wall: start.wall + Int64(seconds) * 1000)
    }

    var place: LivePlace { LivePlace(hostID: Self.host, grace: .seconds(30)) }

    static func media(_ isThere: Bool, track: String = "TR_1", of identity: String = host) -> RelayEvent {
        isThere
            ? .mediaStarted(.test(host), .test(identity), .test(track))
            : .mediaStopped(.test(host), .test(identity), .test(track))
    }

    @Test func `those who watch are counted, but not the host's own views nor hidden ones`() {
        var place = place
        _ = place.goLive(title: "t", id: "s", at: start)
        for identity in [Self.host, "Host-h", "ann", "guest-1-a"] {
            _ = place.receive(.participantJoined(.test(Self.host), .test(identity)), at: start)
        }
        #expect(
            place.receive(.participantJoined(.test(Self.host), .test("spy", hidden: true)), at: start).isEmpty)
        #expect(place.status.viewerCount == 2)
        #expect(
            place.receive(.participantLeft(.test(Self.host), .test("ann")), at: start) == [.tellViewerCount])
        #expect(place.status.viewerCount == 1)
    }

    @Test func `media is there while one of the host's tracks is, and nobody else's counts`() {
        var place = place
        _ = place.goLive(title: "t", id: "s", at: start)
        _ = place.receive(Self.media(true, of: "stranger"), at: start)
        #expect(place.phase == .starting)
        _ = place.receive(Self.media(true), at: start)
        _ = place.receive(Self.media(true, track: "TR_2"), at: start)
        _ = place.receive(Self.media(false), at: start)
        #expect(place.phase == .live)
        _ = place.receive(.trackUnpublished(.test(Self.host), .test(Self.host), .test("TR_2")), at: start)
        #expect(place.phase == .reconnecting)
    }

    @Test func `a sample is taken when live begins and every thirty seconds of it`() throws {
        var place = place
        _ = place.goLive(title: "t", id: "s", at: start)
        _ = place.receive(Self.media(true), at: after(1))
        for identity in ["a", "b", "c"] {
            _ = place.receive(.participantJoined(.test(Self.host), .test(identity)), at: after(2))
        }
        _ = place.receive(.participantLeft(.test(Self.host), .test("a")), at: after(3))
        #expect(place.deadline == after(31).instant)
        #expect(place.advance(to: after(31)) == [.save])
        let record = try #require(place.unsaved)
        #expect(record.samples.map(\.viewers) == [0, 2])
        #expect(record.samples.map(\.takenAt) == [after(1).wall, after(31).wall])
        #expect(place.session?.peakViewers == 3)
        #expect(place.session?.lastSeenAt == after(31).wall)
        _ = place.receive(Self.media(false), at: after(40))
        #expect(place.deadline == after(70).instant)
        #expect(place.advance(to: after(70)) == [.dismissPublisher, .save, .tellStatus])
        #expect(place.unsaved?.sessions.first?.endedAt == after(40).wall)
    }

    @Test func `what was not saved is kept, and what changed meanwhile is saved next`() throws {
        var place = place
        _ = place.goLive(title: "t", id: "first", at: start)
        let record = try #require(place.unsaved)
        let version = place.version
        _ = place.endStream(at: after(1))
        _ = place.goLive(title: "t", id: "second", at: after(2))
        place.saved(record, version: version)
        let next = try #require(place.unsaved)
        #expect(next.sessions.map(\.id) == ["first", "second"])
        #expect(next.sessions.map(\.endedAt) == [after(1).wall, nil])
        place.saved(next, version: place.version)
        #expect(place.unsaved == nil)
        #expect(!place.isIdle)
    }

    @Test func `samples that the store does not take are given up after an hour, oldest first`() throws {
        var place = place
        _ = place.goLive(title: "t", id: "s", at: start)
        _ = place.receive(Self.media(true), at: start)
        for step in 1...200 { _ = place.advance(to: after(step * 30)) }
        let samples = try #require(place.unsaved).samples
        #expect(samples.count == LivePlace.unsavedSamples)
        #expect(samples.last?.takenAt == after(6000).wall)
    }

    @Test func `media in the room of a stream that is not live is sent away, elsewhere it is nobody's business`() {
        var place = place
        #expect(place.receive(Self.media(true), at: start).isEmpty)
        #expect(place.learnStream() == [.dismissPublisher])
        #expect(place.learnStream().isEmpty)
        #expect(place.unsaved == nil)
    }

    @Test func `a room that closed and holds nothing is forgotten`() {
        var place = place
        _ = place.receive(.roomStarted(.test(Self.host)), at: start)
        #expect(!place.isIdle)
        _ = place.receive(.roomFinished(.test(Self.host)), at: start)
        #expect(place.isIdle)
    }
}
