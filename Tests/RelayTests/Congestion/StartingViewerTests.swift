import Media
import Testing

@testable import Relay

/// The first two seconds of a viewer, from a keyframe that is there.
@Suite struct StartingViewers {
    private static func started(_ rate: Int, canProbe: Bool = true, seed: UInt64 = 1) -> StartingViewer {
        var viewer = StartingViewer(SimulatedLink(rate: rate), seed: seed)
        viewer.link.queue = .seconds(3)
        viewer.link.jitter = .milliseconds(4)
        viewer.canProbe = canProbe
        viewer.run(.seconds(2))
        return viewer
    }

    @Test(arguments: [300_000, 500_000, 1_000_000], UInt64(0)..<4)
    func `a narrow line is not overfilled, and has its first picture sooner than without a look at it`(
        rate: Int, seed: UInt64
    ) throws {
        let (blind, looked) = (Self.started(rate, canProbe: false, seed: seed), Self.started(rate, seed: seed))
        #expect(looked.worstQueue < .milliseconds(800))
        #expect(looked.worstQueue < blind.worstQueue / 4)
        #expect(looked.worstSound < blind.worstSound / 2)
        #expect(try #require(looked.firstFrame) < .milliseconds(400))
        #expect(looked.firstFrame! < blind.firstFrame!)
        #expect(looked.lost == 0)
        #expect(looked.control.isKnown)
    }

    @Test(arguments: [5_000_000, 20_000_000, 100_000_000], UInt64(0)..<4)
    func `a good line has its first picture as soon as ever, and the best one within half a second`(
        rate: Int, seed: UInt64
    ) throws {
        let (blind, looked) = (Self.started(rate, canProbe: false, seed: seed), Self.started(rate, seed: seed))
        #expect(looked.firstFrame! <= blind.firstFrame!)
        #expect(try #require(looked.fullLayer) < .milliseconds(500))
        // The creator hears nothing of it.
        #expect(looked.layer == 2 && looked.asked == 0)
    }
}

@Suite struct LineTestTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    @Test func `one run that comes through is enough, however slow the others were`() {
        var test = LineTest(wanted: 2_000_000, now: start)
        #expect(test.target == 2_500_000 && test.nextRun == start)
        test.finished(700_000, now: start + .milliseconds(200))
        #expect(test.verdict(start + .milliseconds(200)) == nil)
        // A line that is narrow has no room for as much again.
        #expect(test.target == 1_400_000 && test.nextRun == start + .milliseconds(250))
        test.finished(1_900_000, now: start + .milliseconds(400))
        #expect(test.verdict(start + .milliseconds(400)) == .good)
    }

    @Test func `only slow runs in a row say that a line is narrow, and the fastest of them how narrow`() {
        var test = LineTest(wanted: 2_000_000, now: start)
        for (index, rate) in [400_000, 600_000, 500_000].enumerated() {
            #expect(test.verdict(start) == nil)
            test.finished(rate, now: start + .milliseconds(200 * index))
        }
        #expect(test.verdict(start + .milliseconds(400)) == .narrow(600_000))
        #expect(test.nextRun == nil)
    }

    @Test func `after a run of which nothing came the next aims low`() {
        var test = LineTest(wanted: 2_000_000, now: start)
        test.finished(nil, now: start)
        #expect(test.target == 625_000)
    }

    @Test
    func `runs that get what they aim at go on until the line is full or wide enough, whatever the first one showed`() {
        var test = LineTest(wanted: 2_000_000, now: start)
        test.finished(nil, now: start)
        for aim in [625_000, 1_250_000, 2_500_000] {
            #expect(test.verdict(start) == nil)
            #expect(test.target == aim)
            test.finished(aim, now: start)
        }
        #expect(test.verdict(start) == .good)
    }

    @Test func `reports that make no sense do not stop it`() {
        for rate in [0, 1, -5, Int.max / 4] {
            var test = LineTest(wanted: 0, now: start)
            var prober = BandwidthProber()
            for _ in 0..<3 {
                #expect(test.target >= 100_000)
                prober.begin(target: test.target, packetSize: 300, now: start)
                prober.sent(1, now: start)
                #expect(prober.nextTimeout(packetSize: 300) != nil)
                test.finished(rate, now: start)
            }
            #expect(test.verdict(start) != nil)
        }
    }

    @Test func `who reports nothing is not kept waiting, and who reports is not for ever`() {
        var test = LineTest(wanted: 2_000_000, now: start)
        #expect(test.verdict(start + .milliseconds(999)) == nil)
        #expect(test.verdict(start + .seconds(1)) == .unknown)
        test.heard()
        #expect(test.verdict(start + .seconds(1)) == nil)
        #expect(test.verdict(start + .seconds(3)) == .unknown)
        for _ in 0..<3 { test.finished(nil, now: start) }
        #expect(test.verdict(start) == .unknown)
    }
}
