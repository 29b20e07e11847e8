import Media
import Testing

@testable import Relay

@Suite struct FrameGatheringTests {
    private var gathering = FrameGathering()
    private let patience = Duration.microseconds(400)

    private func at(_ microseconds: Int) -> Instant { Instant(nanoseconds: 0) + .microseconds(microseconds) }

    /// A frame whose packets come at these times, the last with the marker.
    private mutating func receive(frame timestamp: UInt32, at times: [Int]) {
        for (index, time) in times.enumerated() {
            gathering.receive(timestamp: timestamp, hasMarker: index == times.count - 1, arrival: at(time))
        }
    }

    @Test mutating func `the rest of a frame is waited for from its first packet on, and not longer than patience`() {
        #expect(gathering.deadline(patience: patience) == nil)
        gathering.receive(timestamp: 1, hasMarker: false, arrival: at(100))
        #expect(gathering.deadline(patience: patience) == at(500))
        gathering.receive(timestamp: 1, hasMarker: false, arrival: at(300))
        #expect(gathering.deadline(patience: patience) == at(500))
        gathering.receive(timestamp: 1, hasMarker: true, arrival: at(350))
        #expect(gathering.deadline(patience: patience) == nil)
    }

    @Test mutating func `a frame of one packet is whole at once`() {
        receive(frame: 1, at: [100])
        #expect(gathering.deadline(patience: patience) == nil)
    }

    @Test mutating func `after a frame that came slowly nothing is waited for, until one comes quickly again`() {
        receive(frame: 1, at: [0, 200, 401])
        gathering.receive(timestamp: 2, hasMarker: false, arrival: at(33_000))
        #expect(gathering.deadline(patience: patience) == nil)
        // With more viewers there is more to be saved.
        #expect(gathering.deadline(patience: patience * 2) == at(33_800))
        gathering.receive(timestamp: 2, hasMarker: true, arrival: at(33_100))
        gathering.receive(timestamp: 3, hasMarker: false, arrival: at(66_000))
        #expect(gathering.deadline(patience: patience) == at(66_400))
    }

    @Test mutating func `a frame whose end was lost counts as slow, and not as a part of the next`() {
        gathering.receive(timestamp: 1, hasMarker: false, arrival: at(0))
        gathering.receive(timestamp: 2, hasMarker: false, arrival: at(33_000))
        #expect(gathering.deadline(patience: patience) == nil)
        gathering.receive(timestamp: 2, hasMarker: true, arrival: at(33_050))
        gathering.receive(timestamp: 3, hasMarker: false, arrival: at(66_000))
        #expect(gathering.deadline(patience: patience) == at(66_400))
    }

    @Test mutating func `frames that never end are not waited for`() {
        var waits = 0
        for number in 0..<1000 {
            gathering.receive(timestamp: UInt32(number), hasMarker: false, arrival: at(950 * number))
            if gathering.deadline(patience: patience) != nil { waits += 1 }
        }
        #expect(waits == 1)
    }

    @Test func `without viewers to save messages for, nothing is waited for`() {
        #expect(Fanout.patience(viewers: 0) == .zero)
        #expect(Fanout.patience(viewers: 1) == .zero)
        #expect(Fanout.patience(viewers: 100) == .microseconds(400))
        #expect(Fanout.patience(viewers: 100_000) == .milliseconds(1))
    }
}

@Suite struct ForwardingHoldTests {
    private func at(_ microseconds: Int) -> Instant { Instant(nanoseconds: 0) + .microseconds(microseconds) }

    @Test func `a turn is held back until the first deadline, whatever begins meanwhile`() {
        var hold = ForwardingHold()
        #expect(hold.rest(at(400), now: at(100)) == .microseconds(300))
        #expect(hold.rest(at(900), now: at(300)) == .microseconds(100))
        #expect(hold.rest(at(1300), now: at(401)) == nil)
    }

    @Test func `an earlier deadline ends it earlier, and nothing to wait for ends it at once`() {
        var hold = ForwardingHold()
        #expect(hold.rest(at(900), now: at(100)) == .microseconds(800))
        #expect(hold.rest(at(300), now: at(200)) == .microseconds(100))
        #expect(hold.rest(nil, now: at(250)) == nil)
    }
}
