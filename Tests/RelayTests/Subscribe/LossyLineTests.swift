import Media
import Testing

@testable import Relay

@Suite struct `Lossy lines` {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    @Test func `a line that loses gets time for its retransmissions, and keeps it between bursts`() {
        var delay = PlayoutDelay()
        delay.update(loss: nil, roundTrip: nil, now: at(0))
        delay.update(loss: 0.01, roundTrip: .milliseconds(100), now: at(500))
        #expect(delay.units == nil)
        delay.update(loss: 0.05, roundTrip: .milliseconds(100), now: at(1000))
        // A frame and a round trip.
        #expect(delay.units == 14)
        delay.update(loss: 0.05, roundTrip: .milliseconds(60), now: at(2000))
        #expect(delay.units == 14)
        delay.update(loss: 0.05, roundTrip: .milliseconds(140), now: at(3000))
        #expect(delay.units == 18)
        delay.update(loss: 0, roundTrip: .milliseconds(140), now: at(17_900))
        #expect(delay.units == 18)
        // Then less if less is needed, and none is told as well.
        delay.update(loss: 0.03, roundTrip: .milliseconds(40), now: at(18_000))
        #expect(delay.units == 8)
        delay.update(loss: 0, roundTrip: .milliseconds(40), now: at(33_000))
        #expect(delay.units == 0)
        delay.update(loss: 0, roundTrip: .milliseconds(40), now: at(34_900))
        #expect(delay.units == 0)
        delay.update(loss: 0, roundTrip: .milliseconds(40), now: at(35_000))
        #expect(delay.units == nil)
    }

    @Test func `no line makes a player wait longer than the most`() {
        var delay = PlayoutDelay()
        delay.update(loss: 1, roundTrip: .seconds(30), now: at(0))
        #expect(delay.units == 40)
    }

    @Test func `what a lossy line asks for goes out twice, under numbers of their own`() throws {
        let track = SimulatedTrack(seed: 1, layers: 1, rtx: true)
        try track.run(frames: 30)
        let last = try #require(track.seen.last).header.sequenceNumber
        let once = track.subscription.receive(nack: [last], now: track.now)
        #expect(once.count == 1)
        track.subscription.setLoss(0.05, lineIsFull: true, now: track.now)
        let twice = track.subscription.receive(nack: [last &- 1, last &- 2], now: track.now)
        #expect(twice.map(\.originalSequence) == [last &- 1, last &- 1, last &- 2, last &- 2])
        #expect(Set((once + twice).map(\.sequence)).count == 5)
        track.subscription.setLoss(0.01, lineIsFull: false, now: track.now)
        #expect(track.subscription.receive(nack: [last &- 3], now: track.now).count == 1)
    }

    @Test func `packets say the delay while there is one, and what is sent again says what it said`() throws {
        let track = SimulatedTrack(seed: 1, layers: 1)
        try track.run(frames: 30)
        #expect(track.seen.allSatisfy { told($0) == nil })
        track.subscription.statistics.roundTrip = .milliseconds(100)
        // What a full line loses is another matter.
        track.subscription.setLoss(0.05, lineIsFull: true, now: track.now)
        try track.run(frames: 1)
        #expect(track.seen.last.flatMap(told) == nil)
        track.subscription.setLoss(0.05, lineIsFull: false, now: track.now)
        let before = track.seen.count
        try track.run(frames: 10)
        #expect(track.seen.count >= before + 10 && track.seen[before...].allSatisfy { told($0) == 14 })
        track.subscription.setLoss(0, lineIsFull: false, now: track.now + .seconds(16))
        let sequence = try #require(track.seen.last).header.sequenceNumber
        let resent = try #require(track.subscription.receive(nack: [sequence], now: track.now).first)
        #expect(resent.playoutDelay == 14 && resent.flags.contains(.playoutDelay))
        try track.run(frames: 1)
        #expect(track.seen.last.flatMap(told) == 0)
    }

    /// The least delay that a packet says, in tens of milliseconds.
    private func told(_ packet: SeenPacket) -> Int? {
        let element = ReceivedPacket(packet.bytes.span.bytes)?.extensions[CanonicalExtension.playoutDelay.rawValue]
        return element.map { Int($0[0]) << 4 | Int($0[1]) >> 4 }
    }
}
