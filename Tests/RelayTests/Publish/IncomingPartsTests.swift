import Media
import Testing

@testable import Relay

@Suite struct `Incoming parts` {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    // MARK: Loss

    @Test func `a gap is asked for after a moment, then less and less often, then given up`() {
        var losses = LossDetector()
        losses.receive(10, now: at(0))
        losses.receive(13, now: at(0))
        #expect(losses.nextTimeout == at(5))
        #expect(losses.poll(at(4), roundTrip: .zero).nack == [])
        var asked: [Int64] = []
        for time: Int64 in 5..<1100 {
            let effects = losses.poll(at(time), roundTrip: .milliseconds(30))
            if !effects.nack.isEmpty {
                #expect(effects.nack == [11, 12])
                asked.append(time)
            }
            #expect(effects.gaveUp == (time == 1000))
        }
        #expect(asked == [5, 35, 95, 215, 455, 705, 955])
        #expect(losses.missingCount == 0)
        #expect(losses.nextTimeout == nil)
    }

    @Test func `reordering is not loss`() {
        var losses = LossDetector()
        losses.receive(1, now: at(0))
        losses.receive(3, now: at(0))
        losses.receive(2, now: at(2))
        #expect(losses.nextTimeout == nil)
        #expect(losses.poll(at(100), roundTrip: .zero) == LossDetector.Effects())
    }

    @Test func `three packets after a gap are proof enough`() {
        var losses = LossDetector()
        for sequence: Int64 in [65_535, 65_537, 65_538, 65_539] { losses.receive(sequence, now: at(0)) }
        #expect(losses.poll(at(0), roundTrip: .zero).nack == [])
        losses.receive(65_540, now: at(1))
        #expect(losses.poll(at(1), roundTrip: .zero).nack == [0])
    }

    @Test func `what is missing is capped and a long gap is given up at once`() {
        var losses = LossDetector()
        losses.receive(0, now: at(0))
        for sequence: Int64 in stride(from: 2, through: 1000, by: 2) { losses.receive(sequence, now: at(0)) }
        #expect(losses.missingCount == LossDetector.maximumMissing)
        #expect(losses.poll(at(5), roundTrip: .zero).gaveUp == true)
        losses.receive(2000, now: at(6))
        #expect(losses.missingCount == 0)
        #expect(losses.poll(at(6), roundTrip: .zero).gaveUp == true)
    }

    // MARK: Sequence numbers

    @Test func `numbers unwrap across the wrap, and a jump needs confirming`() {
        var source = SourceSequence()
        #expect(source.receive(65_534) == .accepted(65_534))
        #expect(source.receive(1) == .accepted(65_537))
        #expect(source.receive(65_535) == .accepted(65_535))
        #expect(source.locate(0) == 65_536)
        #expect(source.receive(20_000) == .refused)
        #expect(source.receive(2) == .accepted(65_538))
        #expect(source.receive(20_000) == .refused)
        #expect(source.receive(20_001) == .restarted(20_001))
        #expect(source.receive(20_002) == .accepted(20_002))
    }

    @Test(arguments: UInt64(0)..<10) func `each number is taken once`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var window = ReceivedWindow()
        var (taken, highest) = (Set<Int64>(), Int64(0))
        for _ in 0..<5000 {
            let number = max(
                0,
                highest
                    + .random(
                        in: -1100...(Int.random(in: 0..<50, using: &generator) == 0 ? 3000 : 5), using: &generator))
            let isOld = number <= highest - 1024
            let isNew = taken.insert(number).inserted && !isOld
            highest = max(highest, number)
            #expect(window.insert(number) == isNew, "\(number) of \(highest)")
        }
    }

    // MARK: Reports

    @Test func `fraction and total lost are of the interval and of all`() throws {
        var statistics = ReceiveStatistics(clockRate: 90_000)
        #expect(statistics.reportBlock(ssrc: 1, lastReport: nil, now: at(0)) == nil)
        for sequence: Int64 in 65_500..<65_600 where sequence % 4 != 0 {
            statistics.receive(sequence, timestamp: 0, arrival: at(0))
        }
        let sample = SenderReportSample(ntp: 0x1111_2222_3333_4444, timestamp: 0, epoch: 0, arrival: at(1000))
        let firstBlock = statistics.reportBlock(ssrc: 7, lastReport: sample, now: at(1500))
        let first = try #require(firstBlock)
        // The first one, 65,500, is lost before anything is known: 24 of 99.
        #expect(first.cumulativeLost == 24)
        #expect(first.fractionLost == 62)
        #expect(first.highestSequence == 65_599)
        #expect(first.lastSR == 0x2222_3333)
        #expect(first.delaySinceLastSR == 32_768)
        for sequence: Int64 in 65_600..<65_700 { statistics.receive(sequence, timestamp: 0, arrival: at(0)) }
        let secondBlock = statistics.reportBlock(ssrc: 7, lastReport: nil, now: at(2000))
        let second = try #require(secondBlock)
        #expect(second.fractionLost == 0)
        #expect(second.cumulativeLost == 24)
        #expect(second.lastSR == 0)
    }

    @Test func `jitter settles at the mean deviation and is zero for a steady stream`() {
        var steady = ReceiveStatistics(clockRate: 90_000)
        var shaken = ReceiveStatistics(clockRate: 90_000)
        for frame: Int64 in 0..<500 {
            let timestamp = UInt32(truncatingIfNeeded: 4_294_900_000 + frame * 3600)
            steady.receive(frame, timestamp: timestamp, arrival: at(frame * 40))
            shaken.receive(frame, timestamp: timestamp, arrival: at(frame * 40 + frame % 2 * 10))
        }
        #expect(steady.jitter == 0)
        #expect((890...900).contains(shaken.jitter))
    }

    // MARK: Keyframes

    @Test func `many wishes are one request, repeated until the keyframe comes`() {
        var gate = KeyframeGate()
        #expect(gate.request(at(0)) == true)
        for time: Int64 in 1..<500 { #expect(gate.request(at(time)) == false) }
        #expect(gate.nextTimeout == at(500))
        #expect(gate.advance(to: at(500)) == true)
        #expect(gate.advance(to: at(999)) == false)
        gate.keyframeArrived()
        #expect(gate.nextTimeout == nil)
        #expect(gate.advance(to: at(1500)) == false)
        #expect(gate.request(at(1501)) == true)
    }

    @Test func `who can wait has a keyframe asked for once in ten seconds, unless somebody asked anyway`() {
        var gate = KeyframeGate()
        var asked: [Int64] = []
        for time: Int64 in 0..<25_000 where gate.requestPatiently(at(time)) { asked.append(time) }
        #expect(asked == [0, 10_000, 20_000])
        // Nothing is repeated for them.
        #expect(gate.nextTimeout == nil)
        // Whoever has no picture is not kept by it.
        #expect(gate.request(at(25_000)) == true)
        #expect(gate.requestPatiently(at(34_999)) == false)
        #expect(gate.requestPatiently(at(35_000)) == true)
    }

    @Test func `nobody waits for ever`() {
        var gate = KeyframeGate()
        var asked = gate.request(at(0)) ? 1 : 0
        for time: Int64 in 1..<10_000 where gate.advance(to: at(time)) { asked += 1 }
        #expect(asked == 4)
    }

    // MARK: Levels and rates

    @Test func `a speaker is active while speaking and falls silent`() {
        var meter = AudioLevelMeter()
        for packet: Int64 in 0..<100 { meter.receive(10, at: at(packet * 20)) }
        #expect(meter.isActive)
        #expect((0.25...0.32).contains(meter.level))
        meter.advance(to: at(5000))
        #expect(!meter.isActive)
        #expect(meter.level < 0.001)
    }

    @Test func `a click or a murmur is not speech`() {
        var click = AudioLevelMeter()
        var murmur = AudioLevelMeter()
        for packet: Int64 in 0..<100 {
            click.receive(packet % 10 == 0 ? 0 : 127, at: at(packet * 20))
            murmur.receive(50, at: at(packet * 20))
        }
        #expect(!click.isActive)
        #expect(!murmur.isActive)
    }

    @Test func `a rate is of the last second`() {
        var meter = RateMeter()
        for time: Int64 in 0..<2000 { meter.add(3, at: at(time)) }
        #expect(meter.rate(at: at(1999)) == 3000)
        #expect(meter.rate(at: at(2499)) == 1500)
        #expect(meter.rate(at: at(100_000)) == 0)
    }
}
