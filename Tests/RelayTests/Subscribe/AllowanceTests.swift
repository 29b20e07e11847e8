import Media
import Testing

@testable import Relay

@Suite struct AllowanceTests {
    @Test func `what is sent again is at most a burst and half of what was sent`() {
        var allowance = RetransmissionAllowance()
        var resent = 0
        for _ in 0..<10_000 {
            allowance.sent(1200)
            // Everything is asked for ten times.
            for _ in 0..<10 where allowance.affords(1200) {
                allowance.take(1200)
                resent += 1200
            }
        }
        #expect(resent <= RetransmissionAllowance.capacity + 10_000 * 600)
        #expect(resent > 10_000 * 590)
    }

    @Test func `on a narrow line no more is sent again at once than it carries in a quarter of a second`() {
        var allowance = RetransmissionAllowance()
        func atOnce() -> Int {
            var bytes = 0
            while allowance.affords(100) {
                allowance.take(100)
                bytes += 100
            }
            return bytes
        }
        allowance.limit(to: 800_000)
        #expect(atOnce() == 25_000)
        // A few packets there always are, and what the line carries later counts.
        for (line, bytes) in [(20_000, 6100), (nil, RetransmissionAllowance.capacity / 100 * 100)] as [(Int?, Int)] {
            allowance.limit(to: line)
            for _ in 0..<1000 { allowance.sent(1000) }
            #expect(atOnce() == bytes)
        }
    }

    @Test func `a viewer who loses a fifth of its packets, and a fifth of those again, gets all of them`() {
        var allowance = RetransmissionAllowance()
        var random = SeededGenerator(seed: 5)
        for _ in 0..<50_000 {
            allowance.sent(1200)
            while Int.random(in: 0..<5, using: &random) == 0 {
                let isAfforded = allowance.affords(1200)
                #expect(isAfforded)
                allowance.take(1200)
            }
        }
    }

    @Test func `keyframes are asked for at once a few times, and then at intervals`() {
        var allowance = PictureLossAllowance()
        var asked: [Int64] = []
        for millisecond in Int64(0)..<60_000
        where allowance.take(Instant(nanoseconds: 1_000_000_000 + millisecond * 1_000_000)) {
            asked.append(millisecond)
        }
        #expect(asked[0] == 0)
        #expect(asked[2] <= 600)
        #expect(asked.count <= 36)
        #expect(asked.count >= 30)
        // Whoever was quiet for long may ask at once again.
        let mayAsk = allowance.take(Instant(nanoseconds: 100_000_000_000))
        #expect(mayAsk)
    }
}
