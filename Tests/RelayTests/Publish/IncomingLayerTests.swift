import Media
import Testing

@testable import Relay

@Suite struct `Incoming layer` {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    private func layer(_ codec: TrackCodec = .video(.vp8)) -> IncomingLayer {
        IncomingLayer(
            ring: PacketRing(capacity: 256),
            configuration: IncomingLayer.Configuration(
                codec: codec, clockRate: codec.isVideo ? 90_000 : 48_000,
                extensions: ExtensionMap(negotiated: [
                    (id: UInt8(3), uri: RTPExtensionURI.audioLevel),
                    (id: UInt8(20), uri: RTPExtensionURI.dependencyDescriptor),
                    (id: UInt8(4), uri: RTPExtensionURI.transportWideCC),
                ]), sendsNack: true))
    }

    @discardableResult
    private func receive(
        _ packet: [UInt8], by layer: IncomingLayer, at time: Instant, isRetransmission: Bool = false
    ) throws -> IncomingEffects {
        let header = try RTPHeader(parsing: packet.span.bytes)
        return layer.receive(packet.span.bytes, header: header, arrival: time, isRetransmission: isRetransmission)
    }

    private func packet(
        _ sequence: UInt16, ssrc: UInt32 = 1, timestamp: UInt32 = 0, extensions: [UInt8] = [], payload: [UInt8]
    ) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt8(extensions.isEmpty ? 0x80 : 0x90))
        writer.write(UInt8(96))
        writer.write(sequence)
        writer.write(timestamp)
        writer.write(ssrc)
        writer.write(extensions)
        writer.write(payload)
        return writer.bytes
    }

    @Test func `a keyframe is noticed with its size, and ends the wait for it`() throws {
        let layer = layer()
        #expect(layer.requestKeyframe(at(0)))
        var generator = SplitMix64(seed: 1)
        var encoder = SimulatedEncoder(layer: 0, using: &generator)
        for packet in encoder.encode(at: at(10), keyframe: true, packets: 1) {
            let effects = try receive(packet, by: layer, at: at(10))
            #expect(effects == IncomingEffects(stored: true, keyframeStart: true, sizeChanged: true))
        }
        #expect(layer.size ?? (0, 0) == (320, 240))
        #expect(layer.nextTimeout == nil)
        for packet in encoder.encode(at: at(43), keyframe: false, packets: 2) {
            #expect(try receive(packet, by: layer, at: at(43)) == IncomingEffects(stored: true))
        }
        let info = try #require(layer.ring.info(at: 1))
        #expect(info.isFrameStart)
        #expect(info.vp8.temporalID == 2)
        #expect(info.vp8.pictureID == encoder.pictureID)
    }

    @Test func `a packet is stored once, however often and by whichever way it comes`() throws {
        let layer = layer(.audio)
        for sequence: UInt16 in [1, 2, 4, 2] { try receive(packet(sequence, payload: [7]), by: layer, at: at(0)) }
        #expect(layer.ring.end == 3)
        #expect(layer.advance(to: at(5)).nack == [3])
        let effects = try receive(
            packet(900, ssrc: 2, payload: [0, 3, 9]), by: layer, at: at(8), isRetransmission: true)
        #expect(effects.stored)
        let info = try #require(layer.ring.info(at: 3))
        #expect(info.sequence == 3)
        #expect(info.flags.isSuperset(of: [.late, .retransmitted]))
        #expect(info.payloadLength == 1)
        #expect(layer.ring.bytes(at: 3).load(as: UInt8.self) == 9)
        try receive(packet(901, ssrc: 2, payload: [0, 3, 9]), by: layer, at: at(9), isRetransmission: true)
        // An empty packet on the retransmission stream is a probe.
        try receive(packet(902, ssrc: 2, payload: []), by: layer, at: at(9), isRetransmission: true)
        #expect(layer.ring.end == 4)
        #expect(layer.counters.duplicates == 2)
        // Retransmissions do not hide the loss from the report.
        #expect(layer.reportBlock(at(10))?.highestSequence == 4)
    }

    @Test func `extensions are renumbered, the rest dropped, and long ones take the two-byte form`() throws {
        let layer = layer(.audio)
        // Audio level 42 under 3, transport-wide sequence under 4.
        try receive(
            packet(1, extensions: [0xBE, 0xDE, 0, 2, 0x30, 0x80 | 42, 0x41, 1, 2, 0, 0, 0], payload: [5]), by: layer,
            at: at(0))
        let info = try #require(layer.ring.info(at: 0))
        #expect(info.audioLevel == 42)
        #expect(info.extensionLength == 8)
        #expect(
            Array(UnsafeRawBufferPointer(start: layer.ring.bytes(at: 0), count: 9))
                == [0xBE, 0xDE, 0, 1, 0x10, 0x80 | 42, 0, 0, 5])
        // A dependency descriptor of 18 bytes under 20.
        let descriptor = [UInt8](repeating: 0xAA, count: 18)
        try receive(
            packet(2, extensions: [0x10, 0, 0, 5, 20, 18] + descriptor, payload: [5]), by: layer, at: at(0))
        #expect(
            Array(UnsafeRawBufferPointer(start: layer.ring.bytes(at: 1), count: 25))
                == [0x10, 0, 0, 5, 8, 18] + descriptor + [5])
    }

    @Test func `a new SSRC begins a new epoch and stragglers of the old one are refused`() throws {
        let layer = layer(.audio)
        try receive(packet(50, ssrc: 1, payload: [1]), by: layer, at: at(0))
        try receive(packet(9, ssrc: 2, payload: [1]), by: layer, at: at(1))
        try receive(packet(51, ssrc: 1, payload: [1]), by: layer, at: at(2))
        #expect(layer.ring.end == 2)
        #expect(layer.ring.info(at: 1)?.epoch == 1)
        #expect(layer.ssrc == 2)
        #expect(layer.reportBlock(at(3))?.ssrc == 2)
    }

    @Test func `what is lost for good costs a keyframe request`() throws {
        let layer = layer()
        var generator = SplitMix64(seed: 1)
        var encoder = SimulatedEncoder(layer: 0, using: &generator)
        let packets = (0..<3).flatMap { encoder.encode(at: at(33 * Int64($0)), keyframe: $0 == 0, packets: 1) }
        try receive(packets[0], by: layer, at: at(0))
        try receive(packets[2], by: layer, at: at(66))
        var requests = 0
        for time: Int64 in 67..<1100 where layer.advance(to: at(time)).requestKeyframe { requests += 1 }
        #expect(requests == 1)
    }

    @Test func `a payload too big for a slot is counted, not stored`() throws {
        let layer = layer(.audio)
        let effects = try receive(packet(1, payload: Array(repeating: 1, count: 1501)), by: layer, at: at(0))
        #expect(!effects.stored)
        #expect(layer.counters.oversized == 1)
        #expect(try receive(packet(2, payload: Array(repeating: 1, count: 1500)), by: layer, at: at(0)).stored)
    }

    @Test(arguments: UInt64(0)..<200) func `bytes at random never trap`(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let codecs: [TrackCodec] = [.audio, .video(.vp8), .video(.vp9), .video(.h264), .video(.av1)]
        let layer = layer(codecs[Int(seed % 5)])
        var sequence: UInt16 = 0
        for _ in 0..<50 {
            var bytes = (0..<Int.random(in: 12..<80, using: &generator)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
            bytes[0] = bytes[0] & 0x3F | 0x80
            bytes[2] = 0
            bytes[3] = UInt8(truncatingIfNeeded: sequence)
            bytes.replaceSubrange(8..<12, with: [0, 0, 0, 1])
            sequence &+= 1
            guard (try? RTPHeader(parsing: bytes.span.bytes)) != nil else { continue }
            try receive(bytes, by: layer, at: at(Int64(sequence)), isRetransmission: sequence % 7 == 0)
        }
        #expect(layer.ring.end <= 50)
    }
}
