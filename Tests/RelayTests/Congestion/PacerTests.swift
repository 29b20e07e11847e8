import Media
import Testing

@testable import Relay

@Suite struct `Pacing` {
    private let start = Instant(nanoseconds: 7_000_000_000)

    @Test(arguments: [64_000, 4_000_000, 16_000_003])
    func `in the long run as much leaves as the rate says, and one burst`(rate: Int) {
        var pacer = Pacer(rate: rate, burst: 5000, now: start)
        var now = start
        var sent = 0
        while now - start < .seconds(10) {
            while pacer.budget(at: now) > 0 {
                pacer.spend(1200)
                sent += 1200
            }
            now = pacer.nextSend(after: now)
        }
        let expected = 5000 + rate / 8 * 10
        #expect(abs(sent - expected) <= 1200 + rate / 8 / 100)
    }

    @Test func `a pause earns no more than a burst`() {
        var pacer = Pacer(rate: 1_000_000, burst: 5000, now: start)
        pacer.spend(5000)
        #expect(pacer.budget(at: start) == 0)
        #expect(pacer.budget(at: start + .milliseconds(8)) == 1000)
        #expect(pacer.budget(at: start + .seconds(3600)) == 5000)
    }

    @Test func `the next send is an interval away, and later when more was sent than allowed`() {
        var pacer = Pacer(rate: 800_000, burst: 1000, now: start)
        pacer.spend(900)
        #expect(pacer.nextSend(after: start) == start + Pacer.interval)
        pacer.spend(1100)
        // 1000 bytes of debt at 100 bytes a millisecond.
        let next = pacer.nextSend(after: start)
        #expect(next == start + .milliseconds(10))
        #expect(pacer.budget(at: next) == 0)
    }

    /// Milliseconds until so many bytes have left.
    private func time(_ bytes: Int, _ pacer: inout Pacer) -> Double {
        var now = start
        var sent = 0
        while true {
            while pacer.budget(at: now) > 0 {
                pacer.spend(1000)
                sent += 1000
                if sent >= bytes { return (now - start).inSeconds * 1000 }
            }
            now = pacer.nextSend(after: now)
        }
    }

    @Test func `an opening leaves faster than the rest, once`() {
        let opening = Pacer.Opening(bytes: 40_000, rate: 16_000_000)
        var pacer = Pacer(rate: 800_000, burst: 1000, opening: opening, now: start)
        #expect(time(40_000, &pacer) <= 25)
        pacer = Pacer(rate: 800_000, burst: 1000, opening: opening, now: start)
        // The rest at 100 bytes a millisecond.
        #expect((580...625).contains(time(100_000, &pacer)))
    }

    @Test func `when the line is known, an opening is over`() {
        var pacer = Pacer(
            rate: 800_000, burst: 1000, opening: Pacer.Opening(bytes: 40_000, rate: 16_000_000), now: start)
        pacer.limit(to: 400_000)
        // The burst, 4000 bytes at 50 a millisecond, and a last packet that takes what is left.
        #expect(time(6000, &pacer) >= 80)
    }

    @Test func `time that runs backwards and a rate of nothing are survived`() {
        var pacer = Pacer(rate: 0, burst: 100, now: start)
        pacer.spend(200)
        #expect(pacer.budget(at: start - .seconds(5)) == -100)
        #expect(pacer.budget(at: start + .seconds(5)) == -100)
        #expect(pacer.nextSend(after: start) > start)
    }
}
