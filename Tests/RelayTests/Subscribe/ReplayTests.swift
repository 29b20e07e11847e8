import Media
import Testing

@testable import Relay

@Suite struct `Being behind` {
    /// Outgoing − source timestamps of the frames of one layer, in the order they were sent.
    private func offsets(_ seen: [LateViewer.Seen], _ track: SimulatedTrack) -> [UInt32] {
        seen.compactMap { seen in
            track.timestamps[SimulatedTrack.FrameID(layer: seen.packet.layer, frame: seen.packet.frame)].map {
                seen.packet.header.timestamp &- $0
            }
        }
    }

    @Test(arguments: 1..<140)
    func `whoever joins anywhere after a keyframe gets an unbroken stream from that keyframe on`(age: Int) throws {
        let track = SimulatedTrack(seed: UInt64(age), layers: 1)
        try track.run(frames: age)
        let viewer = LateViewer(track, seed: 3)
        // Something is there before anything new comes.
        let first = try #require(viewer.seen.first)
        #expect(first.at == track.now && first.packet.isKeyframe && first.packet.frame == 1)
        try viewer.run(frames: 90)
        DecoderCheck(viewer.packets, isLossless: true).expectNoFaults()
        #expect(track.keyframesAsked == 0 && viewer.cachedStarts == 1)
        #expect(viewer.packets.last?.frame == track.encoders[0].frame)
        let liveAt = try #require(viewer.liveAt)
        #expect(liveAt - first.at < .seconds(1))
    }

    @Test(arguments: [1, 30, 120])
    func `the past is sent in the base layer only, and with live every layer comes back`(age: Int) throws {
        let track = SimulatedTrack(seed: 5, layers: 1)
        try track.run(frames: age)
        let viewer = LateViewer(track, seed: 3)
        try viewer.run(frames: 60)
        #expect(viewer.seen.filter(\.isReplayed).allSatisfy { $0.packet.descriptor?.temporalID == 0 })
        let tail = Set(viewer.packets.suffix(40).compactMap { $0.descriptor?.temporalID })
        #expect(tail == [0, 1, 2])
    }

    @Test(arguments: [10, 60, 130], [nil, 60_000])
    func `the past ends where live begins, and live keeps the publisher's clock`(age: Int, line: Int?) throws {
        let track = SimulatedTrack(seed: UInt64(age), layers: 1)
        try track.run(frames: age)
        let viewer = LateViewer(track, seed: 3, line: line)
        try viewer.run(frames: 120)
        #expect(viewer.cachedStarts == 1)
        let live = offsets(viewer.seen.filter { !$0.isReplayed }, track)
        #expect(Set(live).count == 1)
        let report = try #require(viewer.subscription.pollSenderReport(track.now))
        let newest = try #require(viewer.seen.last)
        #expect(abs(Int32(bitPattern: report.rtpTimestamp &- newest.packet.header.timestamp)) <= 1)
        // How late a replayed packet comes by its own timestamp, against the live ones: less all the time, never much.
        let base = try #require(live.first)
        for seen in viewer.seen where seen.isReplayed {
            let due = track.encoders[0].timestamp(at: seen.at) &+ base
            let late = Int32(bitPattern: due &- seen.packet.header.timestamp)
            #expect(late >= 0 && late <= 90 * (40 + 33 * Int32(age) / 32))
        }
    }

    @Test(arguments: UInt64(0)..<24)
    func `under loss, reordering, reconnections and layer switches only what was lost is missing`(seed: UInt64) throws {
        let track = SimulatedTrack(seed: seed)
        try track.run(frames: 2)
        track.network = SimulatedTrack.Network(loss: 0.01, reordering: 0.05, duplication: 0.02, padding: 0.05)
        try track.run(frames: .random(in: 1...100, using: &track.generator))
        let viewer = LateViewer(track, seed: seed, line: seed.isMultiple(of: 2) ? nil : 150_000)
        var reordered = 8
        for _ in 0..<30 {
            switch Int.random(in: 0..<12, using: &track.generator) {
            case 0: viewer.subscription.setWanted(.nothing)
            case 1: viewer.subscription.setMaximumTemporalLayer(.random(in: 0...2, using: &track.generator))
            case 2: track.isMuted.toggle()
            case 3: track.reconnect()
            case 4: if !viewer.pictureLost() { track.askForKeyframe(viewer.subscription.currentLayer ?? 0) }
            case 5: if viewer.subscription.currentLayer != nil { viewer.fallBehind(rate: 100_000) }
            default: viewer.subscription.setWanted(.layer(.random(in: 0...2, using: &track.generator)))
            }
            reordered += 8
            try viewer.run(frames: .random(in: 1...40, using: &track.generator))
        }
        let check = DecoderCheck(viewer.packets, isLossless: false)
        check.expectNoFaults()
        #expect(check.gaps <= track.lost + reordered)
        #expect(check.frames > 20)
    }

    @Test func `replayed packets are sent again byte for byte`() throws {
        let track = SimulatedTrack(seed: 9, layers: 1)
        try track.run(frames: 100)
        let viewer = LateViewer(track, seed: 3)
        try viewer.run(frames: 30)
        for packet in viewer.packets {
            let rewrite = try #require(
                viewer.subscription.receive(nack: [packet.header.sequenceNumber], now: track.now).first)
            #expect(try track.write(rewrite) == packet.bytes)
        }
    }

    @Test func `an old keyframe serves nobody, and the publisher is asked`() throws {
        let track = SimulatedTrack(seed: 10, layers: 1)
        try track.run(frames: 160)
        let viewer = LateViewer(track, seed: 3)
        #expect(viewer.seen.isEmpty && viewer.keyframesAsked == 1)
        try viewer.run(frames: 10)
        #expect(viewer.cachedStarts == 0 && viewer.packets.first?.isKeyframe == true)
        DecoderCheck(viewer.packets, isLossless: true).expectNoFaults()
    }

    @Test func `a lower layer opens while the wanted one has no keyframe, and only that is asked for`() throws {
        let track = SimulatedTrack(seed: 11)
        try track.run(frames: 160)
        track.askForKeyframe(1)
        try track.run(frames: 5)
        let asked = track.keyframesAsked
        let viewer = LateViewer(track, seed: 3)
        #expect(viewer.packets.first?.layer == 1)
        try viewer.run(frames: 30)
        #expect(track.keyframesAsked == asked + 1)
        #expect(viewer.packets.last?.layer == 2)
        DecoderCheck(viewer.packets, isLossless: true).expectNoFaults()
    }

    @Test func `a layer with a fresh keyframe is moved to without asking for another`() throws {
        let track = SimulatedTrack(seed: 12)
        let viewer = LateViewer(track, seed: 3)
        try viewer.run(frames: 100)
        track.askForKeyframe(0)
        try viewer.run(frames: 8)
        let asked = track.keyframesAsked
        viewer.subscription.setWanted(.layer(0))
        try viewer.run(frames: 30)
        #expect(viewer.packets.last?.layer == 0)
        #expect(track.keyframesAsked == asked)
        DecoderCheck(viewer.packets, isLossless: true).expectNoFaults()
        // Half a second later it would be a jump back that is seen.
        viewer.subscription.setWanted(.layer(2))
        try viewer.run(frames: 30)
        #expect(track.keyframesAsked == asked + 1)
        DecoderCheck(viewer.packets, isLossless: true).expectNoFaults()
    }

    @Test func `a new keyframe ends being behind, and no frame is cut short for it`() throws {
        let track = SimulatedTrack(seed: 13, layers: 1)
        let viewer = LateViewer(track, seed: 3)
        try viewer.run(frames: 10)
        // Less than the layer has: it never catches up otherwise.
        viewer.fallBehind(rate: 8_000)
        try track.run(frames: 3)
        try viewer.run(frames: 100)
        #expect(viewer.subscription.isBehind)
        for _ in 0..<20 where viewer.subscription.isBehind {
            track.askForKeyframe(0)
            try viewer.run(frames: 20)
        }
        #expect(!viewer.subscription.isBehind)
        #expect(viewer.packets.last?.frame == track.encoders[0].frame)
        DecoderCheck(viewer.packets, isLossless: true).expectNoFaults()
    }

    @Test(arguments: [1, 10, 60, 130], [5, 40])
    func `the past ends where a busy fan-out is`(age: Int, lag: Int) throws {
        let track = SimulatedTrack(seed: UInt64(age), layers: 1)
        try track.run(frames: age)
        let viewer = LateViewer(track, seed: 3)
        viewer.slowDown(to: 40_000)
        viewer.lag = lag
        try viewer.run(frames: 60)
        viewer.lag = 0
        try viewer.run(frames: 90)
        #expect(!viewer.subscription.isBehind)
        DecoderCheck(viewer.packets, isLossless: true).expectNoFaults()
        #expect(Set(offsets(viewer.seen.filter { !$0.isReplayed }, track)).count == 1)
    }

    @Test(arguments: 1...8)
    func `who is still on the way when a keyframe comes goes on from that one`(frames: Int) throws {
        let track = SimulatedTrack(seed: 15, layers: 1)
        try track.run(frames: 100)
        let viewer = LateViewer(track, seed: 3)
        viewer.slowDown(to: 8_000)
        try viewer.run(frames: frames)
        #expect(viewer.subscription.isCatchingUp)
        let reached = try #require(viewer.packets.last).frame
        track.askForKeyframe(0)
        try viewer.run(frames: 15)
        DecoderCheck(viewer.packets, isLossless: true).expectNoFaults()
        let keyframe = try #require(viewer.packets.last { $0.isKeyframe })
        #expect(keyframe.frame > 100 && reached < 100)
        // Nothing between where it was and the keyframe but the end of a frame.
        #expect(!viewer.packets.contains { $0.frame > reached + 2 && $0.frame < keyframe.frame })
    }

    @Test func `who is overtaken by the ring waits for a keyframe`() throws {
        let track = SimulatedTrack(seed: 14, layers: 1)
        try track.run(frames: 30)
        let viewer = LateViewer(track, seed: 3)
        try viewer.run(frames: 10)
        viewer.fallBehind(rate: 1)
        let before = viewer.seen.count
        // Two thousand packets: more than the ring holds.
        try track.run(frames: 800)
        viewer.fallBehind(rate: 1_000_000)
        try viewer.run(frames: 30)
        #expect(viewer.seen[before].packet.isKeyframe)
        DecoderCheck(viewer.packets, isLossless: true).expectNoFaults()
    }

    @Test func `a live viewer who falls behind gets everything, in its own time`() throws {
        let track = SimulatedTrack(seed: 15, layers: 1)
        let viewer = LateViewer(track, seed: 3)
        try viewer.run(frames: 60)
        viewer.fallBehind(rate: 30_000)
        try viewer.run(frames: 90)
        let replayed = viewer.seen.count(where: \.isReplayed)
        #expect(replayed > 0)
        let check = DecoderCheck(viewer.packets, isLossless: true)
        check.expectNoFaults()
        #expect(check.frames >= 145)
        #expect(Set(offsets(viewer.seen, track)).count == 1)
    }

    @Test func `over a line that is known a keyframe leaves at a pace, then all is live again`() throws {
        let track = SimulatedTrack(seed: 17, layers: 1)
        let viewer = LateViewer(track, seed: 3)
        try viewer.run(frames: 20)
        viewer.fallBehind(rate: 2_000_000)
        try viewer.run(frames: 10)
        #expect(!viewer.subscription.isBehind)
        viewer.subscription.pacesKeyframes = true
        let before = viewer.seen.count
        track.askForKeyframe(0)
        try viewer.run(frames: 60)
        let since = viewer.seen[before...]
        let keyframe = try #require(since.first { $0.packet.isKeyframe })
        #expect(keyframe.isReplayed)
        #expect(since.last?.isReplayed == false)
        DecoderCheck(viewer.packets, isLossless: true).expectNoFaults()
    }

    @Test func `a viewer that is held begins with nothing until it is released`() throws {
        let track = SimulatedTrack(seed: 16, layers: 1)
        var generator = SplitMix64(seed: 1)
        let viewer = Subscription(
            Subscription.Configuration(ssrc: 9, payloadType: 100, codec: .video(.vp8), clockRate: 90_000),
            using: &generator)
        viewer.hold()
        var reader = PacketRing.Reader(atEndOf: track.incoming[0].ring)
        try track.run(frames: 10)
        while let info = reader.next(in: track.incoming[0].ring) {
            #expect(viewer.rewrite(info, layer: 0) == nil)
        }
        #expect(viewer.advance(to: track.now).requestKeyframe == nil)
        #expect(!viewer.mayBegin(with: 0))
        viewer.release()
        #expect(viewer.advance(to: track.now).requestKeyframe == 0)
        #expect(viewer.mayBegin(with: 0))
    }
}
