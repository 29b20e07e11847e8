import Forwarding
import Media
import Testing

@testable import Relay

@Suite struct `A worker that has fallen behind` {
    private static let viewers = 2
    private static let second = 31

    /// A fan-out that is live, a keyframe and a little more behind it.
    private func path() throws -> ForwardingPath {
        let path = try ForwardingPath(viewers: Self.viewers, packetLength: 300)
        let handshakes = path.sent
        path.forward(packets: 4, isKeyframe: true)
        for _ in 0..<5 { path.forward(packets: 3) }
        #expect(path.sent - handshakes == Self.viewers * 19 && path.skipped == 0)
        return path
    }

    private func sent(by path: ForwardingPath) -> Int {
        let before = path.sent
        path.forward()
        path.drain()
        return path.sent - before
    }

    @Test func `forwards everything while it is less than a second late`() throws {
        let path = try path()
        for _ in 0..<Self.second - 2 { path.arrive(packets: 3) }
        path.arrive(packets: 4, isKeyframe: true)
        #expect(sent(by: path) == Self.viewers * ((Self.second - 2) * 3 + 4))
        #expect(path.skipped == 0 && path.keyframesAsked == 0)
    }

    @Test func `goes on with the newest keyframe when it is later`() throws {
        let path = try path()
        path.arrive(packets: 4, isKeyframe: true)
        for _ in 0..<Self.second { path.arrive(packets: 3) }
        path.arrive(packets: 4, isKeyframe: true)
        for _ in 0..<5 { path.arrive(packets: 3) }
        #expect(sent(by: path) == Self.viewers * 19)
        #expect(path.skipped == 4 + Self.second * 3 && path.keyframesAsked == 0 && path.dropped == 0)
    }

    @Test func `asks for a keyframe when there is none, now and then, and loses nothing meanwhile`() throws {
        let path = try path()
        for asked in [1, 1, 2] {
            for _ in 0..<Self.second + 2 { path.arrive(packets: 3) }
            #expect(sent(by: path) == Self.viewers * (Self.second + 2) * 3)
            #expect(path.skipped == 0 && path.keyframesAsked == asked)
        }
    }

    @Test func `sends the rest of a frame before it passes anything over`() throws {
        let path = try path()
        path.arrive(packets: 2, endsFrame: false)
        #expect(sent(by: path) == Self.viewers * 2)
        path.arrive(packets: 2, beginsFrame: false)
        for _ in 0..<Self.second { path.arrive(packets: 3) }
        path.arrive(packets: 4, isKeyframe: true)
        #expect(sent(by: path) == Self.viewers * (2 + 4))
        #expect(path.skipped == Self.second * 3 && path.keyframesAsked == 0)
    }

    @Test func `lets others have their turn`() throws {
        let path = try path()
        let turns = path.turns
        path.arrive(packets: 100)
        #expect(sent(by: path) == Self.viewers * 100)
        // Four runs of sixteen, and the rest.
        #expect(path.turns == turns + 2)
    }

    @Test(arguments: 1...7) func `does not cut a frame`(forwarded: Int) throws {
        let (ring, late) = (PacketRing(capacity: 64), Instant(nanoseconds: 2_000_000_000))
        // Frames of four packets; the third is a keyframe.
        for number in 0..<12 {
            _ = ring.reserve()
            var info = PacketInfo()
            info.sequence = Int64(number)
            if number % 4 == 0 { info.flags.insert(.frameStart) }
            if number == 8 { info.flags.insert(.keyframeStart) }
            if number % 4 == 3 { info.flags.insert(.marker) }
            ring.publish(info)
        }
        var (lag, reader) = (FanoutLag(), PacketRing.Reader(at: Int64(forwarded)))
        var run = PacketRun()
        while reader.position < 8 {
            let next = try #require(ring.info(at: reader.position))
            if case .skip(let place) = lag.remedy(next, in: ring, isVideo: true, now: late) {
                #expect(place.index == 8 && next.index % 4 == 0)
                reader.skip(to: place.index)
            } else {
                #expect(next.index % 4 != 0)
                run.fill(from: &reader, of: ring, endingWithFrame: true)
                #expect(reader.position % 4 == 0)
            }
        }
    }

    @Test func `leaves sound out up to the newest packet`() {
        let ring = PacketRing(capacity: 64)
        for number in 0..<60 {
            _ = ring.reserve()
            var info = PacketInfo()
            info.sequence = Int64(number)
            info.arrival = Instant(nanoseconds: Int64(number) * 20_000_000)
            ring.publish(info)
        }
        var lag = FanoutLag()
        let oldest = ring.info(at: 10)!
        let remedy = lag.remedy(oldest, in: ring, isVideo: false, now: oldest.arrival + .milliseconds(1001))
        guard case .skip(let place) = remedy else { return #expect(Bool(false), "\(remedy)") }
        #expect(place.index == 59)
        guard case .none = lag.remedy(place, in: ring, isVideo: false, now: place.arrival) else {
            return #expect(Bool(false), "the newest is not late")
        }
    }

    @Test(arguments: [1, 40, 100]) func `is followed by viewers without a gap`(stalled: Int) throws {
        let track = SimulatedTrack(seed: 9, layers: 1)
        try track.run(frames: 3)
        let viewer = LateViewer(track, seed: 4)
        try viewer.run(frames: 20)
        track.askForKeyframe(0)
        try viewer.stall(frames: stalled)
        try viewer.run(frames: 30)
        DecoderCheck(viewer.packets, isLossless: true).expectNoFaults()
        #expect(viewer.packets.filter { $0.isKeyframe && $0.isFrameStart }.count == 2)
        // The jump took no time away.
        let live = viewer.seen.filter { !$0.isReplayed }.compactMap { seen in
            track.timestamps[SimulatedTrack.FrameID(layer: 0, frame: seen.packet.frame)].map {
                seen.packet.header.timestamp &- $0
            }
        }
        #expect(Set(live).count == 1 && live.count > 40)
    }
}
