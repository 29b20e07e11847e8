import Media
import Testing

@testable import Relay

@Suite struct `Cached start` {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    @discardableResult
    private func append(
        _ ring: PacketRing, _ flags: PacketInfo.Flags = [], length: Int = 1000, temporal: UInt8 = 0, epoch: UInt16 = 0,
        at milliseconds: Int64 = 0
    ) -> Int64 {
        _ = ring.reserve()
        var info = PacketInfo()
        info.flags = flags
        info.payloadLength = UInt16(length)
        info.vp8.temporalID = temporal
        info.epoch = epoch
        info.arrival = at(milliseconds)
        return ring.publish(info)
    }

    @Test func `it is the newest keyframe, however many packets follow, while the ring still has it`() throws {
        let ring = PacketRing(capacity: 64)
        #expect(CachedStart(ring)?.keyframe.index == nil)
        append(ring)
        #expect(CachedStart(ring)?.keyframe.index == nil)
        append(ring, [.frameStart, .keyframeStart])
        let newest = append(ring, [.frameStart, .keyframeStart])
        for _ in 0..<55 {
            #expect(CachedStart(ring)?.keyframe.index == newest)
            append(ring)
        }
        let start = try #require(CachedStart(ring))
        #expect(start.keyframe.index == newest && start.newest.index == newest + 55)
        append(ring)
        #expect(CachedStart(ring)?.keyframe.index == nil)
    }

    @Test func `what came late neither is live nor starts anything`() {
        let ring = PacketRing(capacity: 64)
        let keyframe = append(ring, [.frameStart, .keyframeStart])
        append(ring, [.frameStart, .keyframeStart, .late])
        let start = CachedStart(ring)
        #expect(start?.keyframe.index == keyframe && start?.newest.index == keyframe)
    }

    @Test func `a forgotten keyframe, or one of a source that is gone, serves nobody`() {
        let ring = PacketRing(capacity: 64)
        append(ring, [.frameStart, .keyframeStart])
        append(ring, epoch: 1)
        #expect(CachedStart(ring)?.keyframe.index == nil)
        let next = append(ring, [.frameStart, .keyframeStart], epoch: 1)
        #expect(CachedStart(ring)?.keyframe.index == next)
        ring.forgetKeyframe()
        append(ring, epoch: 1)
        #expect(CachedStart(ring)?.keyframe.index == nil)
    }

    @Test func `its backlog is the base layer's bytes, its rate everyone's`() throws {
        let ring = PacketRing(capacity: 64)
        append(ring, length: 700)
        append(ring, [.frameStart, .keyframeStart], length: 900)
        for index in 0..<10 { append(ring, temporal: UInt8(index % 2), at: 200 * Int64(index + 1)) }
        let start = try #require(CachedStart(ring))
        #expect(start.backlog == 5900)
        #expect(start.bitrate(at(2000)) == 10_900 * 8 / 2)
        #expect(start.age(at(2000)) == .seconds(2))
    }

    @Test func `a start serves while it is young and caught up within a second`() throws {
        let ring = PacketRing(capacity: 2048)
        append(ring, [.frameStart, .keyframeStart])
        // 2.4 Mbit/s for four seconds.
        for index in 0..<1200 { append(ring, at: Int64(index) * 4000 / 1200) }
        let start = try #require(CachedStart(ring))
        let pace = CatchUp.pace(for: start, line: nil, now: at(4000))
        #expect(pace >= 3 * start.bitrate(at(4000)) && pace <= CatchUp.maximumPace)
        #expect(CatchUp.serves(start, within: CatchUp.maximumAge, line: nil, now: at(4000)))
        #expect(!CatchUp.serves(start, within: CatchUp.maximumJump, line: nil, now: at(4000)))
        #expect(!CatchUp.serves(start, within: CatchUp.maximumAge, line: nil, now: at(5001)))
        // What the line is known to carry counts, and it has to carry what goes on meanwhile.
        #expect(CatchUp.pace(for: start, line: 5_000_000, now: at(4000)) == 5_000_000)
        #expect(!CatchUp.serves(start, within: CatchUp.maximumAge, line: 5_000_000, now: at(4000)))
        #expect(CatchUp.serves(start, within: CatchUp.maximumAge, line: 12_100_000, now: at(4000)))
    }

    @Test func `a viewer who began while a stream was young is not held to what it took then`() throws {
        let ring = PacketRing(capacity: 64)
        append(ring, [.frameStart, .keyframeStart])
        let start = try #require(CachedStart(ring))
        let young = CatchUp.pace(for: start, line: nil, now: at(20))
        let rate = young + 1_000_000
        #expect(CatchUp.pace(young, following: rate, line: nil) >= 2 * rate)
        #expect(CatchUp.pace(young, following: 0, line: nil) == young)
        // A line that is known is not filled with more than it carries.
        #expect(CatchUp.pace(young, following: rate, line: 1_000_000) == 1_000_000)
    }

    @Test func `a small backlog is still sent at the least pace`() throws {
        let ring = PacketRing(capacity: 64)
        append(ring, [.frameStart, .keyframeStart])
        let start = try #require(CachedStart(ring))
        #expect(CatchUp.pace(for: start, line: nil, now: at(20)) == CatchUp.minimumPace)
    }
}
