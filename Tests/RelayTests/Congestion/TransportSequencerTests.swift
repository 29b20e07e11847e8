import Media
import Testing

@testable import Relay

@Suite struct TransportSequencers {
    private let start = Instant(nanoseconds: 5_000_000_000)

    private func feedback(_ arrivals: [(UInt16, Duration)], from first: UInt16? = nil) throws -> TransportFeedback {
        let list = arrivals.map { TransportFeedback.Arrival(sequenceNumber: $0.0, time: start + $0.1) }
        let built = TransportFeedback.build(
            senderSSRC: 1, mediaSSRC: 2, feedbackCount: 0, firstSequence: first, from: list)
        return try #require(built).feedback
    }

    @Test func `what arrived and what was lost is told once, with its size and its times`() throws {
        var sequencer = TransportSequencer()
        let numbers = (0..<5).map { sequencer.send(size: 100 + $0, now: start + .milliseconds(10 * $0)) }
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 &+ 1 })
        let report = try feedback([(numbers[0], .milliseconds(50)), (numbers[4], .milliseconds(95))])
        let now = start + .milliseconds(150)
        let told = sequencer.receive(report, now: now)
        #expect(told.map(\.sequence) == numbers)
        #expect(told.map(\.size) == (0..<5).map { 100 + $0 + TransportSequencer.packetOverhead })
        #expect(told.map(\.sent) == (0..<5).map { start + .milliseconds(10 * $0) })
        #expect(told.map { $0.arrival != nil } == [true, false, false, false, true])
        let first = try #require(told[0].arrival)
        let last = try #require(told[4].arrival)
        #expect(last - first == .milliseconds(45))
        let again = sequencer.receive(report, now: now)
        #expect(again.isEmpty)
    }

    @Test func `a packet reported lost that comes late has arrived after all`() throws {
        var sequencer = TransportSequencer()
        let numbers = (0..<3).map { _ in sequencer.send(size: 100, now: start) }
        _ = sequencer.receive(try feedback([(numbers[0], .zero), (numbers[2], .zero)]), now: start)
        let late = sequencer.receive(try feedback([(numbers[1], .milliseconds(60))]), now: start)
        #expect(late.map(\.sequence) == [numbers[1]])
        #expect(late[0].arrival != nil)
    }

    @Test func `numbers that were never sent, or are forgotten, say nothing`() throws {
        var sequencer = TransportSequencer()
        let first = sequencer.send(size: 100, now: start)
        let never = sequencer.receive(try feedback([(first &+ 5000, .zero)]), now: start)
        #expect(never.isEmpty)
        for _ in 0..<TransportSequencer.capacity { _ = sequencer.send(size: 100, now: start) }
        let forgotten = sequencer.receive(try feedback([(first, .zero)]), now: start)
        #expect(forgotten.isEmpty)
    }

    @Test(arguments: [128, 500, TransportSequencer.capacity])
    func `everything that is still waited for is remembered`(count: Int) throws {
        var sequencer = TransportSequencer()
        let numbers = (0..<count).map { sequencer.send(size: 100, now: start + .milliseconds($0)) }
        var told: [UInt16] = []
        // No feedback tells of more than some packets.
        for start in stride(from: 0, to: count, by: 100) {
            let some = (start..<min(start + 100, count)).map { (numbers[$0], Duration.milliseconds($0)) }
            let reports = sequencer.receive(try feedback(some), now: self.start + .seconds(2))
            told += reports.map(\.sequence)
        }
        #expect(told == numbers)
    }

    @Test func `a feedback on more packets than are remembered is refused`() throws {
        var sequencer = TransportSequencer()
        let sent = sequencer.send(size: 100, now: start)
        let beyond = sent &+ UInt16(TransportSequencer.capacity)
        let tooMuch = sequencer.receive(try feedback([(sent, .zero), (beyond, .zero)]), now: start)
        #expect(tooMuch.isEmpty)
        let most = sequencer.receive(try feedback([(sent, .zero), (beyond &- 1, .zero)]), now: start)
        #expect(most.map(\.sequence) == [sent])
    }

    @Test func `numbers and the receiver's clock wrap without a trace`() throws {
        var sequencer = TransportSequencer()
        var last: Instant?
        for index in 0..<70_000 {
            let now = start + .milliseconds(index)
            let sequence = sequencer.send(size: 50, now: now)
            var report = try feedback([(sequence, .milliseconds(index))])
            // The reference time is near its end when the test begins.
            let shifted = (Int64(report.referenceTime) + 0x7F_FFFF - 500 + (1 << 23)) & 0xFF_FFFF
            report.referenceTime = Int32(shifted - (1 << 23))
            let told = sequencer.receive(report, now: now)
            try #require(told.count == 1)
            let arrival = try #require(told[0].arrival)
            if let last { try #require(arrival - last == .milliseconds(1)) }
            last = arrival
        }
    }
}
