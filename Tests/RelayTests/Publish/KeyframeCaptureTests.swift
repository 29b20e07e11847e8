import Media
import Testing

@testable import Relay

@Suite struct `Keyframe capture` {
    /// A layer that packets are put into as they come.
    private final class Source {
        let layer = IncomingLayer(
            ring: PacketRing(capacity: 1024),
            configuration: IncomingLayer.Configuration(
                codec: .video(.vp8), clockRate: 90_000, extensions: ExtensionMap(), sendsNack: false))
        var sequence: UInt16 = 65_530
        var packetizer = VP8Packetizer(maximumPayload: 200, firstPictureID: 9)

        /// The packets of one frame, in order; they are not put in.
        func packets(_ frame: [UInt8], timestamp: UInt32) -> [[UInt8]] {
            let payloads = packetizer.packetize(frame)
            return payloads.enumerated().map { index, payload in
                defer { sequence &+= 1 }
                var writer = ByteWriter()
                writer.write(UInt8(0x80))
                writer.write(UInt8(index == payloads.count - 1 ? 0x80 | 96 : 96))
                writer.write(sequence)
                writer.write(timestamp)
                writer.write(UInt32(7))
                writer.write(payload)
                return writer.bytes
            }
        }

        func put(_ packets: [[UInt8]]) throws {
            for packet in packets {
                let header = try RTPHeader(parsing: packet.span.bytes)
                _ = layer.receive(
                    packet.span.bytes, header: header, arrival: Instant(nanoseconds: 0), isRetransmission: false)
            }
        }
    }

    /// Noise, which takes many packets.
    private func encoder(_ generator: inout SplitMix64) throws -> (frame: [UInt8], next: [UInt8]) {
        let encoder = try VP8Encoder(width: 96, height: 64, bitrate: 2_000_000)
        var frames: [[UInt8]] = []
        for index in 0..<2 {
            var picture = VideoFrame(width: 96, height: 64, timestamp: UInt32(index) * 3000)
            for sample in picture.y.indices { picture.y[sample] = UInt8.random(in: 0...255, using: &generator) }
            frames.append(try #require(try encoder.encode(picture)).bytes)
        }
        return (frames[0], frames[1])
    }

    @Test(arguments: 0..<20)
    func `the next keyframe is captured whole, in whatever order its packets come`(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let (keyframe, predicted) = try encoder(&generator)
        let source = Source()
        try source.put(source.packets(keyframe, timestamp: 1))
        var capture = KeyframeCapture(source.layer.ring)
        #expect(capture.poll() == nil, "one from before is not the next")
        try source.put(source.packets(predicted, timestamp: 2))
        #expect(capture.poll() == nil)
        var packets = source.packets(keyframe, timestamp: 3)
        #expect(packets.count > 3)
        if seed > 0 { packets.shuffle(using: &generator) }
        for packet in packets.dropLast() {
            try source.put([packet])
            #expect(capture.poll() == nil)
        }
        try source.put([packets.last!])
        let whole = capture.poll()
        let captured = try #require(whole)
        #expect(captured == keyframe)
        let picture = try WebP(keyframe: captured)
        #expect(picture.width == 96 && picture.height == 64)
        #expect(try VP8Decoder().decode(captured, timestamp: 0).count == 1)
    }

    @Test func `a keyframe that misses a packet makes room for the next`() throws {
        var generator = SplitMix64(seed: 3)
        let (keyframe, predicted) = try encoder(&generator)
        for lost in 0..<3 {
            let source = Source()
            try source.put(source.packets(predicted, timestamp: 1))
            var capture = KeyframeCapture(source.layer.ring)
            var packets = source.packets(keyframe, timestamp: 2)
            packets.remove(at: lost == 2 ? packets.count - 1 : lost)
            try source.put(packets)
            #expect(capture.poll() == nil)
            try source.put(source.packets(predicted, timestamp: 3))
            #expect(capture.poll() == nil)
            try source.put(source.packets(keyframe, timestamp: 4))
            #expect(capture.poll() == keyframe)
        }
    }

    @Test func `a frame larger than the limit is not kept`() throws {
        let source = Source()
        var capture = KeyframeCapture(source.layer.ring)
        source.packetizer = VP8Packetizer(maximumPayload: 1400, firstPictureID: 9)
        var huge = [UInt8](repeating: 0, count: KeyframeCapture.maximumSize + 1)
        huge.replaceSubrange(0..<10, with: [0x10, 0, 0, 0x9D, 0x01, 0x2A, 32, 0, 32, 0])
        let packets = source.packets(huge, timestamp: 1)
        for packet in packets {
            try source.put([packet])
            #expect(capture.poll() == nil)
        }
        let largest = Array(huge.dropLast())
        for packet in source.packets(largest, timestamp: 2) { try source.put([packet]) }
        #expect(capture.poll() == largest)
    }
}

extension LiveRelay {
    @Suite struct Keyframes {
        @Test func `a keyframe of the lowest layer comes as a picture, asked for only when the caller says so`()
            async throws
        {
            try await withRelay { bench in
                let publisher = try await bench.join("host")
                let track = try await publisher.publish(
                    .video, source: .camera, rids: Layers.rids, layers: Layers.layers)
                try await eventually("frames") { publisher.look { $0.tracks[0].encodings[0].number } > 10 }
                let keyframes = publisher.look { $0.tracks[0].encodings[0].keyframes }
                let none = await bench.relay.keyframe(
                    of: "host", in: "room", source: .camera, within: .milliseconds(200), asking: false)
                #expect(none == nil)
                #expect(publisher.look { $0.tracks[0].encodings[0].keyframes } == keyframes)
                let picture = try #require(
                    await bench.relay.keyframe(
                        of: "host", in: "room", source: .camera, within: .seconds(10), asking: true))
                let webP = try WebP(parsing: picture.span.bytes)
                #expect(webP.width == 320 && webP.height == 180)
                publisher.change(track) { $0.encodings[0].isLive = false }
                try await eventually("a picture of the layer above") {
                    let picture = await bench.relay.keyframe(
                        of: "host", in: "room", source: .camera, within: .seconds(1), asking: true)
                    return try picture.map { try WebP(parsing: $0.span.bytes).width } == 640
                }
            }
        }

        @Test func `without such a track, and when it ends, there is none at once`() async throws {
            try await withRelay { bench in
                let relay = bench.relay
                let publisher = try await bench.join("host")
                let track = try await publisher.publish(.video, source: .camera)
                let patience = Duration.seconds(3600)
                for (identity, room, source) in [
                    ("host", "elsewhere", TrackSource.camera), ("nobody", "room", .camera),
                    ("host", "room", .screenShare),
                ] {
                    #expect(
                        await relay.keyframe(
                            of: identity, in: room, source: source, within: patience, asking: false) == nil)
                }
                try await eventually("frames") { publisher.look { $0.tracks[0].encodings[0].number } > 10 }
                async let unpublished = relay.keyframe(
                    of: "host", in: "room", source: .camera, within: patience, asking: false)
                try await publisher.unpublish(track)
                #expect(await unpublished == nil)
            }
        }
    }
}
