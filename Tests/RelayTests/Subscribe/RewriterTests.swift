import Media
import Testing

@testable import Relay

@Suite struct `Subscription parts` {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    @Test func `skipped numbers close up and lost ones keep their place`() {
        var numbers = Renumbering(first: 100)
        numbers.restart(at: 10)
        #expect(numbers.map(10) == 100)
        #expect(numbers.map(12) == 102)
        #expect(numbers.skip(13) == nil)
        #expect(numbers.skip(14) == nil)
        #expect(numbers.map(15) == 103)
        #expect(numbers.map(11) == 101)
        #expect(numbers.map(13) == nil)
        // 9 is from before the start.
        #expect(numbers.map(9) == nil)
        // A lost one that turns out to be unwanted has a number waiting for it.
        #expect(numbers.map(18) == 106)
        #expect(numbers.skip(16) == 104)
        numbers.restart(at: 5000)
        #expect(numbers.map(5000) == 107)
        #expect(numbers.map(17) == nil)
    }

    @Test(arguments: UInt64(0)..<20) func `no two source numbers ever share one`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var numbers = Renumbering(first: 1)
        numbers.restart(at: 0)
        var given: [Int64: Int64] = [:]
        var order = Array(Int64(0)..<2000)
        for index in order.indices.dropLast(10) where Int.random(in: 0..<4, using: &generator) == 0 {
            order.swapAt(index, index + .random(in: 0..<10, using: &generator))
        }
        for source in order {
            let isSkipped = Int.random(in: 0..<5, using: &generator) == 0
            guard let number = isSkipped ? numbers.skip(source) : numbers.map(source) else { continue }
            #expect(given.updateValue(source, forKey: number) == nil)
        }
        #expect(given.count > 1000)
    }

    @Test func `a new layer is put where the sender reports say`() {
        var timestamps = TimestampRewriter(clockRate: 90_000, first: 1000)
        let second: UInt64 = 1 << 32
        // On the old layer 0 stands for NTP second 50, on the new one 700,000 for second 51.
        timestamps.restart(
            at: 0, arrival: at(0), report: SenderReportSample(ntp: 50 * second, timestamp: 0, epoch: 0, arrival: at(0)))
        #expect(timestamps.rewrite(0, arrival: at(0)) == 1000)
        #expect(timestamps.rewrite(90_000, arrival: at(1000)) == 91_000)
        // Captured at 51.1 s, arrived 60 ms late.
        timestamps.restart(
            at: 709_000, arrival: at(1160),
            report: SenderReportSample(ntp: 51 * second, timestamp: 700_000, epoch: 0, arrival: at(1000)))
        #expect(timestamps.rewrite(709_000, arrival: at(1160)) == 100_000)
    }

    @Test func `without sender reports, or with wild ones, arrival times decide`() {
        for wild in [nil, SenderReportSample(ntp: 9 << 40, timestamp: 700_000, epoch: 0, arrival: at(1000))] {
            var timestamps = TimestampRewriter(clockRate: 90_000, first: 1000)
            let first = SenderReportSample(ntp: 50 << 32, timestamp: 0, epoch: 0, arrival: at(0))
            timestamps.restart(at: 0, arrival: at(0), report: first)
            #expect(timestamps.rewrite(0, arrival: at(0)) == 1000)
            timestamps.restart(at: 709_000, arrival: at(2000), report: wild)
            #expect(timestamps.rewrite(709_000, arrival: at(2000)) == 181_000)
        }
    }

    @Test func `a new source never goes back in time`() {
        var timestamps = TimestampRewriter(clockRate: 90_000, first: 0xFFFF_FFFF)
        timestamps.restart(at: 0, arrival: at(0), report: nil)
        #expect(timestamps.rewrite(0, arrival: at(0)) == 0xFFFF_FFFF)
        timestamps.restart(at: 5, arrival: at(0), report: nil)
        #expect(timestamps.rewrite(5, arrival: at(0)) == 89)
    }

    @Test func `a dead layer gives way to the best live one below, then above`() {
        var selector = LayerSelector(layerCount: 3, needsKeyframe: true)
        for layer in 0..<3 { selector.observe(layer, arrival: at(0)) }
        #expect(selector.target == 2)
        #expect(selector.advance(to: at(1)) == 2)
        selector.moved(to: 2)
        #expect(selector.advance(to: at(2)) == nil)
        selector.observe(0, arrival: at(900))
        selector.observe(1, arrival: at(900))
        #expect(selector.advance(to: at(1001)) == 1)
        #expect(selector.current == 2)
        #expect(selector.accepts(1))
        #expect(!selector.accepts(0))
        selector.want(.layer(0))
        #expect(selector.target == 0)
        selector.observe(1, arrival: at(1500))
        #expect(selector.advance(to: at(1950)) == 1)
        // Nothing is live: it stays, to go on when packets come.
        #expect(selector.advance(to: at(9000)) == nil)
        #expect(selector.target == 2)
    }

    @Test func `the smallest layer that fills the size is wanted`() {
        var selector = LayerSelector(layerCount: 3, needsKeyframe: true)
        for (layer, width) in [320, 640, 1280].enumerated() {
            selector.setSize(of: layer, width: width, height: width * 9 / 16)
            selector.observe(layer, arrival: at(0))
        }
        for (width, height, layer) in [(100, 50, 0), (320, 180, 0), (321, 180, 1), (360, 640, 1), (4000, 2000, 2)] {
            selector.want(.size(width: width, height: height))
            #expect(selector.target == layer, "\(width)×\(height)")
        }
    }

    @Test func `a keyframe is asked for at once and again while it is waited for`() {
        var selector = LayerSelector(layerCount: 1, needsKeyframe: true)
        #expect(selector.nextTimeout(after: at(5)) == at(5))
        #expect(selector.advance(to: at(5)) == 0)
        #expect(selector.advance(to: at(504)) == nil)
        #expect(selector.nextTimeout(after: at(504)) == at(505))
        #expect(selector.advance(to: at(505)) == 0)
        selector.want(.nothing)
        #expect(selector.advance(to: at(2000)) == nil)
        #expect(!selector.accepts(0))
        #expect(selector.nextTimeout(after: at(2000)) == nil)
    }

    @Test func `a packet comes out of the history as it was sent`() {
        var history = ForwardHistory(capacity: 8, ssrc: 0xDEAD_BEEF)
        let sent = Rewrite(
            index: 1 << 40, ssrc: 0xDEAD_BEEF, timestamp: .max, sequence: 65_535, pictureID: 0x7FFF,
            tl0PictureIndex: 255, playoutDelay: 40, payloadType: 96, layer: 2,
            flags: [.marker, .transportWide, .playoutDelay], omitted: 300)
        history.record(sent, byteCount: 1200)
        let byteCount = history.byteCount(of: 65_535)
        #expect(byteCount == 1200)
        var resent: [Rewrite?] = []
        // The copy of the first request is on its way when the second comes.
        for (time, roundTrip): (Int64, Duration) in [(0, .zero), (9, .zero), (10, .zero), (80, .milliseconds(100))] {
            resent.append(history.resend(65_535, now: at(5_000_000 + time), roundTrip: roundTrip))
        }
        #expect(resent == [sent, nil, sent, nil])
        let other = history.resend(65_527, now: at(6_000_000), roundTrip: .zero)
        #expect(other == nil)
    }

    @Test func `history answers for what is not overwritten, ten times at most`() {
        var history = ForwardHistory(capacity: 8, ssrc: 1)
        for sequence: UInt16 in 65_530..<65_535 {
            history.record(
                Rewrite(index: Int64(sequence), ssrc: 1, timestamp: 2, sequence: sequence, payloadType: 3, layer: 0))
        }
        var (now, count) = (at(0), 0)
        for _ in 0..<20 {
            if history.resend(65_531, now: now, roundTrip: .milliseconds(50))?.index == 65_531 { count += 1 }
            now = now + .milliseconds(50)
        }
        #expect(count == 10)
        history.record(Rewrite(index: 9, ssrc: 1, timestamp: 2, sequence: 65_531 &+ 8, payloadType: 3, layer: 0))
        let overwritten = history.contains(65_531)
        #expect(!overwritten)
        let other = history.contains(65_530)
        #expect(other)
    }
}
