import Media
import Testing

@testable import Relay

@Suite struct CongestionControls {
    @Test(arguments: UInt64(0)..<4)
    func `a line with room keeps the top layer from the first frame on`(seed: UInt64) {
        var viewer = SimulatedViewer(SimulatedLink(rate: 8_000_000), seed: seed)
        viewer.link.jitter = .milliseconds(4)
        viewer.run(.seconds(40))
        #expect(viewer.samples.allSatisfy { $0.layer == 2 && $0.temporalLayer == 3 })
        #expect(viewer.soundLost == 0)
    }

    @Test(arguments: UInt64(0)..<4)
    func `a narrow line gets a low layer within seconds, and no queue stays`(seed: UInt64) {
        var viewer = SimulatedViewer(SimulatedLink(rate: 500_000), seed: seed)
        viewer.run(.seconds(5))
        viewer.forgetSound()
        viewer.run(.seconds(25))
        #expect(viewer.last(.seconds(25)).allSatisfy { $0.layer ?? 2 < 2 })
        #expect(viewer.soundLost == 0)
        #expect(viewer.worstSoundDelay < .milliseconds(400))
    }

    @Test(arguments: UInt64(0)..<4)
    func `a line that widens gets the top layer within ten seconds`(seed: UInt64) {
        var viewer = SimulatedViewer(SimulatedLink(rate: 500_000), seed: seed)
        viewer.run(.seconds(20))
        viewer.link.rate = 5_000_000
        viewer.run(.seconds(10))
        #expect(viewer.layer == 2)
        viewer.run(.seconds(20))
        #expect(viewer.last(.seconds(20)).allSatisfy { $0.layer == 2 && $0.temporalLayer == 3 })
    }

    @Test(arguments: UInt64(0)..<4)
    func `where only sound fits, video pauses, sound stays whole, and video comes back`(seed: UInt64) {
        var viewer = SimulatedViewer(SimulatedLink(rate: 3_000_000), seed: seed)
        viewer.run(.seconds(10))
        viewer.link.rate = 90_000
        viewer.run(.seconds(12))
        viewer.forgetSound()
        viewer.run(.seconds(20))
        #expect(viewer.last(.seconds(20)).allSatisfy { $0.layer == nil })
        #expect(viewer.soundLost == 0)
        #expect(viewer.worstSoundDelay < .milliseconds(400))
        viewer.link.rate = 5_000_000
        viewer.run(.seconds(12))
        #expect(viewer.layer == 2)
    }

    @Test(arguments: [0.02, 0.05, 0.08])
    func `random loss without delay costs no layer`(loss: Double) {
        var viewer = SimulatedViewer(SimulatedLink(rate: 8_000_000))
        viewer.link.loss = loss
        viewer.run(.seconds(60))
        #expect(viewer.samples.allSatisfy { $0.layer == 2 })
        #expect(viewer.samples.allSatisfy { $0.bandwidth > 2_000_000 })
    }

    @Test func `loss that begins on a good line costs no layer for long`() {
        var viewer = SimulatedViewer(SimulatedLink(rate: 8_000_000))
        viewer.run(.seconds(15))
        viewer.link.loss = 0.2
        viewer.run(.seconds(3))
        viewer.link.loss = 0
        viewer.run(.seconds(7))
        #expect(viewer.last(.seconds(1)).allSatisfy { $0.layer == 2 && $0.temporalLayer == 3 })
    }

    @Test func `heavy loss lowers the rate`() {
        var viewer = SimulatedViewer(SimulatedLink(rate: 8_000_000))
        viewer.run(.seconds(15))
        viewer.link.loss = 0.4
        viewer.run(.seconds(5))
        #expect(viewer.control.bandwidth < 1_200_000)
    }

    @Test func `a line that drops what exceeds it, with hardly a queue, is not run into`() {
        var viewer = SimulatedViewer(SimulatedLink(rate: 900_000))
        viewer.link.queue = .milliseconds(40)
        viewer.run(.seconds(10))
        let before = viewer.sent
        viewer.run(.seconds(30))
        let lost = Double(viewer.sent.lost - before.lost) / Double(viewer.sent.packets - before.packets)
        #expect(lost < 0.06)
        #expect(viewer.layer ?? 0 <= 1)
    }

    @Test func `others on the line are made room for`() {
        var viewer = SimulatedViewer(SimulatedLink(rate: 3_000_000))
        viewer.run(.seconds(10))
        #expect(viewer.layer == 2)
        viewer.link.crossTraffic = 2_200_000
        viewer.run(.seconds(8))
        viewer.forgetSound()
        viewer.run(.seconds(20))
        // It may try now and then whether they have gone.
        let tries = viewer.last(.seconds(20)).count { $0.layer == 2 }
        #expect(tries < 60)
        #expect(viewer.soundLost == 0)
        viewer.link.crossTraffic = 0
        viewer.run(.seconds(15))
        #expect(viewer.layer == 2)
    }

    @Test(arguments: [650_000, 900_000, 1_400_000, 2_000_000])
    func `a line between two layers does not make the picture swing`(rate: Int) {
        var viewer = SimulatedViewer(SimulatedLink(rate: rate))
        viewer.run(.seconds(10))
        viewer.run(.seconds(120))
        let layers = viewer.last(.seconds(120)).map { $0.layer ?? -1 }
        let changes = zip(layers, layers.dropFirst()).count { $0 != $1 }
        #expect(changes <= 12)
    }

    @Test func `an estimate does not rise by what was never sent, nor fall because little is`() {
        var viewer = SimulatedViewer(SimulatedLink(rate: 50_000_000))
        viewer.wanted = 0
        viewer.run(.seconds(60))
        let bandwidths = Set(viewer.samples.map(\.bandwidth))
        #expect(bandwidths == [BandwidthEstimator.initial])
    }

    @Test(arguments: UInt64(0)..<4)
    func `a line said to be narrow is used as one, until that is taken back`(seed: UInt64) {
        var viewer = SimulatedViewer(SimulatedLink(rate: 8_000_000), seed: seed)
        viewer.run(.seconds(10))
        #expect(viewer.layer == 2)
        viewer.limit = 700_000
        viewer.run(.seconds(1))
        let before = viewer.sent.bytes
        viewer.run(.seconds(20))
        #expect(viewer.last(.seconds(20)).allSatisfy { $0.layer == 1 && $0.temporalLayer == 3 })
        #expect(8 * (viewer.sent.bytes - before) / 20 < 700_000)
        viewer.limit = nil
        viewer.run(.seconds(10))
        #expect(viewer.last(.seconds(1)).allSatisfy { $0.layer == 2 && $0.temporalLayer == 3 })
    }

    @Test func `a line is not probed for more than it is said to carry`() {
        var viewer = SimulatedViewer(SimulatedLink(rate: 900_000))
        viewer.run(.seconds(20))
        var before = viewer.probes
        viewer.run(.seconds(20))
        #expect(viewer.probes > before)
        viewer.limit = 300_000
        viewer.run(.seconds(1))
        before = viewer.probes
        viewer.run(.seconds(20))
        #expect(viewer.probes == before)
        viewer.limit = nil
        viewer.run(.seconds(20))
        #expect(viewer.probes > before)
    }

    @Test func `a line said to be wide is no wider than it was found to be`() {
        var said = SimulatedViewer(SimulatedLink(rate: 500_000))
        var found = SimulatedViewer(SimulatedLink(rate: 500_000))
        said.limit = BandwidthEstimator.maximum
        for _ in 0..<300 {
            said.run(.milliseconds(100))
            found.run(.milliseconds(100))
            #expect(said.control.bandwidth == found.control.bandwidth)
            #expect(said.control.isKnown == found.control.isKnown)
        }
    }

    @Test func `feedback that stays away lowers the rate`() {
        var viewer = SimulatedViewer(SimulatedLink(rate: 8_000_000))
        viewer.run(.seconds(10))
        viewer.feedbackIsLost = true
        viewer.run(.seconds(10))
        #expect(viewer.control.bandwidth < 500_000)
    }
}
