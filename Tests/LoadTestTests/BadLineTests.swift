import Media
import Testing

@testable import LoadTest

@Suite struct BadLineTests {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    /// Offers packets of `size` bytes a millisecond apart, marked with their number; returns what came through, and when.
    private func offer(
        _ count: Int, of size: Int, to line: inout BadLine, seed: UInt64
    ) -> [(number: Int, due: Instant)] {
        var random = SplitMix64(state: seed)
        var came: [(number: Int, due: Instant)] = []
        func take(_ line: inout BadLine, _ now: Instant) {
            while let (bytes, due) = line.leave(by: now) {
                #expect(bytes.count == size && due <= now)
                came.append((Int(bytes[0]) << 8 | Int(bytes[1]), due))
            }
        }
        for number in 0..<count {
            var datagram = [UInt8](repeating: 7, count: size)
            datagram[0] = UInt8(number >> 8)
            datagram[1] = UInt8(truncatingIfNeeded: number)
            datagram.withUnsafeBytes { line.enter($0, now: at(Int64(number)), using: &random) }
            take(&line, at(Int64(number)))
        }
        take(&line, at(Int64(count)) + BadLine.longestWait + .seconds(1))
        return came
    }

    @Test(arguments: [100_000, 300_000, 2_000_000])
    func `a line carries what it can, in order, and holds nothing longer than its buffer`(bitrate: Int) {
        var line = BadLine(LineQuality(loss: 0, bitrate: bitrate))
        // 4.0 Mbit/s with headers.
        let came = offer(4000, of: 472, to: &line, seed: 1)
        #expect(zip(came, came.dropFirst()).allSatisfy { $0.number < $1.number && $0.due < $1.due })
        #expect(came.allSatisfy { $0.due - at(Int64($0.number)) <= BadLine.longestWait + .milliseconds(45) })
        let carried = Double(came.count * 8 * (472 + BadLine.overhead)) / 4.3
        #expect(carried > 0.9 * Double(bitrate) && carried <= 1.02 * Double(bitrate))
        #expect(came.count + line.dropped == 4000)
    }

    @Test func `a line loses the share that it is said to, and delays nothing without a limit`() {
        var line = BadLine(LineQuality(loss: 0.1, bitrate: nil))
        let came = offer(20_000, of: 100, to: &line, seed: 2)
        #expect((0.09...0.11).contains(Double(line.dropped) / 20_000))
        #expect(came.count + line.dropped == 20_000)
        #expect(came.allSatisfy { $0.due == at(Int64($0.number)) })
    }

    @Test func `the viewers on bad lines are those who join last`() throws {
        var plan = LoadTestPlan(server: try #require(ServerAddress("ws://localhost")))
        plan.viewers = 25
        plan.badViewers = 5
        #expect((0..<25).filter { plan.line(ofViewer: $0) != nil } == Array(20..<25))
        plan.badViewers = 0
        #expect((0..<25).allSatisfy { plan.line(ofViewer: $0) == nil })
    }
}

/// The same numbers each time (Steele, Lea, Flood: Fast splittable pseudorandom number generators).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
