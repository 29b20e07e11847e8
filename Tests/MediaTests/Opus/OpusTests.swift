import Media
import Testing

@Suite struct OpusPacketTests {
    @Test(
        arguments: [
            // Configurations of RFC 6716 table 2, one frame, mono.
            (0x00, .silk, .narrow, 10_000), (0x18, .silk, .narrow, 60_000), (0x48, .silk, .wide, 20_000),
            (0x60, .hybrid, .superWide, 10_000), (0x78, .hybrid, .full, 20_000), (0x80, .celt, .narrow, 2500),
            (0xA8, .celt, .wide, 5000), (0xD0, .celt, .superWide, 10_000), (0xF8, .celt, .full, 20_000),
        ] as [(UInt8, OpusPacket.Mode, OpusPacket.Bandwidth, Int)])
    func `the TOC tells mode, bandwidth and duration`(
        toc: UInt8, mode: OpusPacket.Mode, bandwidth: OpusPacket.Bandwidth, microseconds: Int
    ) throws {
        let packet = try OpusPacket(parsing: [toc].span.bytes)
        #expect(packet.mode == mode)
        #expect(packet.bandwidth == bandwidth)
        #expect(packet.duration == .microseconds(microseconds))
        #expect(!packet.isStereo)
        #expect(packet.frameCount == 1)
    }

    @Test(
        arguments: [([0xFC], 1), ([0xFD], 2), ([0xFE], 2), ([0xFF, 0x03], 3), ([0xFF, 0xC6], 6)] as [([UInt8], Int)])
    func `the code tells the frames`(bytes: [UInt8], frames: Int) throws {
        let packet = try OpusPacket(parsing: bytes.span.bytes)
        #expect(packet.isStereo)
        #expect(packet.frameCount == frames)
        #expect(packet.duration == .milliseconds(20 * frames))
    }

    @Test func `nothing, no frames and more than 120 ms are refused`() {
        #expect(throws: ParseError.truncated) { try OpusPacket(parsing: [UInt8]().span.bytes) }
        #expect(throws: ParseError.truncated) { try OpusPacket(parsing: ([0xFF] as [UInt8]).span.bytes) }
        #expect(throws: ParseError.malformed("Opus frame count")) {
            try OpusPacket(parsing: ([0xFF, 0] as [UInt8]).span.bytes)
        }
        #expect(throws: ParseError.malformed("Opus frame count")) {
            try OpusPacket(parsing: ([0xFF, 7] as [UInt8]).span.bytes)
        }
    }
}

@Suite struct OpusCodingTests {
    /// 20 ms of a sine of `period` samples at a quarter of full scale, out of a table so that no libm is needed.
    private func tone(_ index: Int, channels: Int, period: Int = 96) -> [Int16] {
        (0..<960).flatMap { sample in
            // A parabola a half wave is near enough to a sine.
            let phase = Double((index * 960 + sample) % period) / Double(period) * 2
            let x = phase < 1 ? phase : phase - 1
            let value = 4 * x * (1 - x) * (phase < 1 ? 8192 : -8192)
            return [Int16](repeating: Int16(value), count: channels)
        }
    }

    private func energy(_ samples: [Int16]) -> Double {
        samples.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, samples.count))
    }

    @Test(arguments: [1, 2]) func `a tone survives with its energy`(channels: Int) throws {
        let encoder = try OpusEncoder(channels: channels, bitrate: 64_000)
        let decoder = try OpusDecoder(channels: channels)
        var (sent, received) = (0.0, 0.0)
        for index in 0..<50 {
            let samples = tone(index, channels: channels)
            let packet = try encoder.encode(samples)
            #expect(try OpusPacket(parsing: packet.span.bytes).duration == .milliseconds(20))
            let decoded = try decoder.decode(packet)
            #expect(decoded.count == samples.count)
            if index >= 5 {
                sent += energy(samples)
                received += energy(decoded)
            }
        }
        #expect(abs(received / sent - 1) < 0.2)
    }

    @Test func `silence stays silent and a lost packet is concealed`() throws {
        let encoder = try OpusEncoder(channels: 1)
        let decoder = try OpusDecoder(channels: 1)
        for _ in 0..<5 {
            let decoded = try decoder.decode(encoder.encode([Int16](repeating: 0, count: 960)))
            #expect(energy(decoded) < 100)
        }
        for index in 0..<10 { _ = try decoder.decode(encoder.encode(tone(index, channels: 1))) }
        let concealed = try decoder.conceal(frames: 960)
        #expect(concealed.count == 960)
        #expect(energy(concealed) > 10_000)
    }

    @Test func `a lower bitrate makes smaller packets`() throws {
        let encoder = try OpusEncoder(channels: 2, bitrate: 128_000)
        func size() throws -> Int { try (0..<25).reduce(0) { $0 + (try encoder.encode(tone($1, channels: 2)).count) } }
        let large = try size()
        try encoder.setBitrate(16_000)
        #expect(try size() < large / 2)
    }

    @Test func `samples of no frame's length are refused, and any bytes are safe`() throws {
        let encoder = try OpusEncoder(channels: 2)
        #expect(throws: OpusError.self) { try encoder.encode([Int16](repeating: 0, count: 1921)) }
        #expect(throws: OpusError.self) { try encoder.encode([Int16](repeating: 0, count: 1000)) }
        #expect(throws: OpusError.self) { try OpusEncoder(channels: 3) }
        let decoder = try OpusDecoder()
        #expect(throws: OpusError.self) { try decoder.decode([]) }
        var generator = RTPTestGenerator(seed: 8)
        for length in 0..<400 { _ = try? decoder.decode(generator.bytes(length)) }
    }
}
