import Media
import Testing

@testable import Relay

@Suite struct `Replayed pictures` {
    private static let side = 64

    /// Every picture has a shade of its own.
    private func shade(_ index: Int) -> UInt8 { UInt8(16 + index * 2) }

    private func publish(_ index: Int, _ encoder: VP8Encoder, _ packetizer: inout VP8Packetizer, to ring: PacketRing)
        throws
    {
        var picture = VideoFrame(width: Self.side, height: Self.side, timestamp: UInt32(index) * 3000)
        for sample in picture.y.indices { picture.y[sample] = shade(index) }
        let frame = try #require(try encoder.encode(picture))
        let payloads = packetizer.packetize(frame.bytes)
        for (part, payload) in payloads.enumerated() {
            let slot = ring.reserve()
            payload.withUnsafeBytes { slot.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
            var info = PacketInfo()
            info.sequence = ring.end
            info.timestamp = frame.timestamp
            info.arrival = Instant(nanoseconds: Int64(index) * 33_333_333)
            info.payloadLength = UInt16(payload.count)
            info.vp8 = VP8Fields(try VP8Descriptor(parsing: payload.span.bytes))
            if part == 0 { info.flags.formUnion(frame.isKeyframe ? [.frameStart, .keyframeStart] : .frameStart) }
            if part == payloads.count - 1 { info.flags.insert(.marker) }
            ring.publish(info)
        }
    }

    @Test(arguments: [1, 2, 17, 90])
    func `a decoder that starts from the cache shows what the publisher showed`(joined: Int) throws {
        let ring = PacketRing(capacity: 1024)
        let encoder = try VP8Encoder(width: Self.side, height: Self.side, bitrate: 200_000)
        var packetizer = VP8Packetizer(maximumPayload: 60, firstPictureID: 0x7FFE)
        for index in 0..<joined { try publish(index, encoder, &packetizer, to: ring) }

        var generator = SplitMix64(seed: 1)
        let viewer = Subscription(
            Subscription.Configuration(ssrc: 9, payloadType: 100, codec: .video(.vp8), clockRate: 90_000),
            using: &generator)
        var live = PacketRing.Reader(atEndOf: ring)
        viewer.start(from: try #require(CachedStart(ring)), layer: 0)

        var depacketizer = VP8Depacketizer()
        let decoder = try VP8Decoder()
        var shades: [Int] = []
        var lastTimestamp: UInt32?
        func receive(_ info: PacketInfo, _ rewrite: Rewrite) throws {
            let packet = [UInt8](unsafeUninitializedCapacity: info.byteCount + Rewrite.overhead) { buffer, count in
                count = rewrite.write(
                    info, bytes: ring.bytes(at: info.index), into: UnsafeMutableRawPointer(buffer.baseAddress!))
            }
            let header = try RTPHeader(parsing: packet.span.bytes)
            let frame = try depacketizer.receive(
                sequenceNumber: header.sequenceNumber, timestamp: header.timestamp, marker: header.marker,
                payload: header.payload(of: packet.span.bytes))
            guard let frame else { return }
            if let lastTimestamp { #expect(Int32(bitPattern: frame.timestamp &- lastTimestamp) > 0) }
            lastTimestamp = frame.timestamp
            for picture in try decoder.decode(frame.bytes, timestamp: frame.timestamp) {
                shades.append(Int(picture.y[picture.y.count / 2]))
            }
        }
        for index in joined..<(joined + 20) {
            // A few packets at a time, while the publisher goes on.
            for _ in 0..<30 {
                guard let (info, rewrite) = viewer.nextBehind(in: ring, before: live.position) else { break }
                try receive(info, rewrite)
            }
            try publish(index, encoder, &packetizer, to: ring)
            while let info = live.next(in: ring) {
                if let rewrite = viewer.rewrite(info, layer: 0) { try receive(info, rewrite) }
            }
        }
        while let (info, rewrite) = viewer.nextBehind(in: ring, before: live.position) { try receive(info, rewrite) }
        #expect(!viewer.isBehind && depacketizer.droppedFrames == 0)
        #expect(shades.count == joined + 20)
        for (index, seen) in shades.enumerated() { #expect(abs(seen - Int(shade(index))) <= 6) }
    }
}
