import Media
import Testing

@testable import Relay

@Suite struct SubscriptionLines {
    @Test func `a track without room stops at once, the viewer hears of it, and it resumes at a keyframe`() throws {
        let track = SimulatedTrack(seed: 3, layers: 1)
        try track.run(frames: 30)
        track.subscription.setLimit(.nothing)
        let before = track.seen.count
        try track.run(frames: 30)
        #expect(track.seen.count == before)
        #expect(track.subscription.receivePictureLoss(track.now) == nil)
        #expect(track.states == [.paused])
        track.subscription.setLimit(.none)
        try track.run(frames: 30)
        #expect(track.seen[before].isKeyframe)
        #expect(track.states == [.paused, .active])
        DecoderCheck(track.seen, isLossless: true).expectNoFaults()
    }

    @Test func `what the viewer turned off is no news to them`() throws {
        let track = SimulatedTrack(seed: 4, layers: 1)
        try track.run(frames: 30)
        track.subscription.setWanted(.nothing)
        try track.run(frames: 30)
        track.subscription.setWanted(.layer(0))
        try track.run(frames: 30)
        #expect(track.states.isEmpty)
    }

    @Test func `a limit lowers the layer, leaves the wish as it is, and lets go of it`() throws {
        let track = SimulatedTrack(seed: 5)
        track.subscription.setWanted(.layer(2))
        try track.run(frames: 60)
        #expect(track.subscription.currentLayer == 2)
        track.subscription.setLimit(.layer(0))
        try track.run(frames: 60)
        #expect(track.subscription.currentLayer == 0)
        #expect(track.subscription.wanted == .layer(2))
        #expect(track.subscription.wishedLayer == 2)
        // A higher limit than the wish changes nothing.
        track.subscription.setWanted(.layer(1))
        track.subscription.setLimit(.layer(2))
        try track.run(frames: 60)
        #expect(track.subscription.currentLayer == 1)
        track.subscription.setWanted(.layer(2))
        track.subscription.setLimit(.none)
        try track.run(frames: 60)
        #expect(track.subscription.currentLayer == 2)
        DecoderCheck(track.seen, isLossless: true).expectNoFaults()
    }

    // MARK: Transport-wide numbers

    /// The extension blocks that a publisher's packet may have in the ring.
    private static let blocks: [[(id: UInt8, length: Int)]] = [
        [], [(4, 1)], [(4, 1), (7, 8)], [(4, 3)], [(8, 20)], [(4, 1), (8, 40)],
    ]

    @Test(
        arguments: 0..<6,
        [
            Rewrite.Flags.transportWide, [.transportWide, .rtx], [.transportWide, .filler], .playoutDelay,
            [.playoutDelay, .transportWide, .rtx],
        ])
    func `what a viewer's connection adds goes out behind whatever elements a packet has`(
        block: Int, flags: Rewrite.Flags
    ) throws {
        let elements = Self.blocks[block]
        var stored = [UInt8](repeating: 0, count: 200)
        let length = stored.withUnsafeMutableBytes { memory in
            var writer = RTPExtensionWriter(memory)
            for element in elements {
                let value = [UInt8](repeating: element.id, count: element.length)
                writer.append(id: element.id, value.span.bytes)
            }
            return writer.finish()
        }
        let payload: [UInt8] = [9, 8, 7, 6, 5]
        stored.replaceSubrange(length..<length + payload.count, with: payload)
        var info = PacketInfo()
        info.extensionLength = UInt16(length)
        info.payloadLength = UInt16(payload.count)
        let rewrite = Rewrite(
            index: 0, ssrc: 1, timestamp: 2, sequence: 3, originalSequence: 0x0102, playoutDelay: 23, payloadType: 96,
            layer: 0, flags: flags)
        var out = [UInt8](repeating: 0xFF, count: stored.count + Rewrite.overhead)
        let count = out.withUnsafeMutableBytes { out in
            stored.withUnsafeBytes {
                rewrite.write(info, bytes: $0.baseAddress!, transportSequence: 0xABCD, into: out.baseAddress!)
            }
        }
        let packet = Array(out.prefix(count))
        let parsed = ReceivedPacket(packet.span.bytes)
        let received = try #require(parsed)
        #expect(
            received.extensions[CanonicalExtension.transportWideCC]
                == (flags.contains(.transportWide) ? [0xAB, 0xCD] : nil))
        // 230 ms at least, 10 s at most; not among two-byte elements.
        let saysDelay = flags.contains(.playoutDelay) && !elements.contains { $0.length > 16 }
        #expect(
            received.extensions[CanonicalExtension.playoutDelay.rawValue] == (saysDelay ? [0x01, 0x73, 0xE8] : nil))
        if flags.contains(.filler) {
            #expect(received.payload.isEmpty)
            return
        }
        #expect(received.payload == (flags.contains(.rtx) ? [1, 2] : []) + payload)
        for element in elements {
            #expect(received.extensions[element.id] == [UInt8](repeating: element.id, count: element.length))
        }
        #expect(count <= length + payload.count + Rewrite.overhead)
    }

    @Test func `a probe is padding with a number, on the retransmission stream`() throws {
        var generator = SeededGenerator(seed: 1)
        var configuration = Subscription.Configuration(
            ssrc: 5, payloadType: 96, rtx: Subscription.RTXStream(ssrc: 6, payloadType: 97), codec: .video(.vp8),
            clockRate: 90000, hasTransportWideFeedback: true)
        let subscription = Subscription(configuration, using: &generator)
        let probes = try (0..<3).map { _ in try #require(subscription.probe()) }
        #expect(zip(probes, probes.dropFirst()).allSatisfy { $1.sequence == $0.sequence &+ 1 })
        var out = [UInt8](repeating: 0xFF, count: Rewrite.probeLength + 4)
        let count = out.withUnsafeMutableBytes { probes[0].writeProbe(transportSequence: 7, into: $0.baseAddress!) }
        #expect(count == Rewrite.probeLength)
        let packet = Array(out.prefix(count))
        let parsed = ReceivedPacket(packet.span.bytes)
        let received = try #require(parsed)
        #expect(received.ssrc == 6 && received.payloadType == 97 && received.payload.isEmpty)
        #expect(received.extensions == [CanonicalExtension.transportWideCC: [0, 7]])
        configuration.rtx = nil
        #expect(Subscription(configuration, using: &generator).probe() == nil)
    }
}
