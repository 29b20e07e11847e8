import Media
import Testing

@Suite struct VP8CodingTests {
    /// A diagonal gradient that moves, over flat colour; smooth, so that little is lost.
    private func picture(_ index: Int, width: Int = 160, height: Int = 90) -> VideoFrame {
        var frame = VideoFrame(width: width, height: height, timestamp: UInt32.max - 20_000 &+ UInt32(index) &* 3000)
        for row in 0..<height {
            for column in 0..<width {
                let phase = (row + column + 3 * index) % 256
                frame.y[row * width + column] = UInt8(phase < 128 ? 64 + phase : 64 + 255 - phase)
            }
        }
        for sample in frame.u.indices { (frame.u[sample], frame.v[sample]) = (90, 170) }
        return frame
    }

    /// Mean squared error; a PSNR of 30 dB is 65.
    private func error(_ a: [UInt8], _ b: [UInt8]) -> Double {
        zip(a, b).reduce(0) { $0 + Double(Int($1.0) - Int($1.1)) * Double(Int($1.0) - Int($1.1)) } / Double(a.count)
    }

    @Test(arguments: [(160, 90), (97, 55)]) func `pictures survive encoding, packets and decoding above 30 dB`(
        width: Int, height: Int
    ) throws {
        let encoder = try VP8Encoder(width: width, height: height, bitrate: 500_000)
        let decoder = try VP8Decoder()
        var packetizer = VP8Packetizer(maximumPayload: 200, firstPictureID: 0x7FFE)
        var depacketizer = VP8Depacketizer()
        var sequence: UInt16 = 65_530
        var pictureIDs: [UInt16?] = []
        for index in 0..<20 {
            let picture = picture(index, width: width, height: height)
            if index == 10 { encoder.forceKeyframe() }
            let encoded = try #require(try encoder.encode(picture))
            #expect(encoded.isKeyframe == (index == 0 || index == 10))
            #expect(encoded.timestamp == picture.timestamp)
            let payloads = packetizer.packetize(encoded.bytes)
            for (number, payload) in payloads.enumerated() {
                #expect(payload.count <= 200)
                let isKeyframeStart = VideoCodec.vp8.isKeyframeStart(payload: payload.span.bytes)
                #expect(isKeyframeStart == (encoded.isKeyframe && number == 0))
                let isLast = number == payloads.count - 1
                let frame = try depacketizer.receive(
                    sequenceNumber: sequence, timestamp: picture.timestamp, marker: isLast,
                    payload: payload.span.bytes)
                sequence &+= 1
                #expect((frame != nil) == isLast)
                guard let frame else { continue }
                #expect(frame.bytes == encoded.bytes)
                #expect(frame.isKeyframe == encoded.isKeyframe)
                pictureIDs.append(frame.pictureID)
                let decoded = try decoder.decode(frame.bytes, timestamp: frame.timestamp)
                try #require(decoded.count == 1)
                #expect(decoded[0].width == width && decoded[0].height == height)
                #expect(decoded[0].timestamp == picture.timestamp)
                #expect(error(decoded[0].y, picture.y) < 65)
                #expect(error(decoded[0].u, picture.u) < 65)
                #expect(error(decoded[0].v, picture.v) < 65)
            }
        }
        #expect(depacketizer.droppedFrames == 0)
        #expect(pictureIDs == (0..<20).map { UInt16((0x7FFE + $0) & 0x7FFF) })
    }

    @Test func `a keyframe's first packet tells the size`() throws {
        let encoder = try VP8Encoder(width: 160, height: 90, bitrate: 300_000)
        let encoded = try #require(try encoder.encode(picture(0)))
        var packetizer = VP8Packetizer(firstPictureID: 1)
        let payload = packetizer.packetize(encoded.bytes)[0]
        let size = VP8Payload.keyframeSize(payload.span.bytes, try VP8Descriptor(parsing: payload.span.bytes))
        #expect(size?.width == 160 && size?.height == 90)
    }

    @Test func `the bitrate can be changed on the way`() throws {
        var generator = RTPTestGenerator(seed: 9)
        let encoder = try VP8Encoder(width: 160, height: 90, bitrate: 2_000_000)
        var index = 0
        /// Bytes of thirty pictures of noise, which take what they are given.
        func bytes() throws -> Int {
            var total = 0
            for _ in 0..<30 {
                var noise = picture(index)
                noise.y = generator.bytes(noise.y.count)
                total += try encoder.encode(noise)?.bytes.count ?? 0
                index += 1
            }
            return total
        }
        let high = try bytes()
        try encoder.setBitrate(200_000)
        _ = try bytes()
        #expect(try bytes() < high / 2)
    }

    @Test func `pictures of another size or that go back in time are refused`() throws {
        let encoder = try VP8Encoder(width: 160, height: 90, bitrate: 300_000)
        #expect(throws: VPXError.self) { try encoder.encode(picture(0, width: 162)) }
        var long = picture(0)
        long.u += long.u
        #expect(throws: VPXError.self) { try encoder.encode(long) }
        _ = try encoder.encode(picture(1))
        #expect(throws: VPXError.self) { try encoder.encode(picture(1)) }
        #expect(throws: VPXError.self) { try encoder.encode(picture(0)) }
        #expect(throws: VPXError.self) { try VP8Encoder(width: 0, height: 90, bitrate: 1) }
    }

    @Test func `mutated and huge frames are safe to decode`() throws {
        var generator = RTPTestGenerator(seed: 10)
        let encoded = try #require(
            try VP8Encoder(width: 64, height: 48, bitrate: 300_000).encode(picture(0, width: 64, height: 48)))
        let decoder = try VP8Decoder()
        #expect(throws: VPXError.self) { try decoder.decode([], timestamp: 0) }
        var huge = encoded.bytes
        huge.replaceSubrange(6..<10, with: [0xFF, 0x3F, 0xFF, 0x3F])
        #expect(throws: VPXError.self) { try decoder.decode(huge, timestamp: 0) }
        for _ in 0..<300 {
            var bytes = generator.mutate(encoded.bytes)
            // The size is left alone, or most of the time goes to allocating.
            if bytes.count >= 10 { bytes.replaceSubrange(6..<10, with: encoded.bytes[6..<10]) }
            _ = try? decoder.decode(bytes, timestamp: 0)
        }
        #expect(try decoder.decode(encoded.bytes, timestamp: 5).map(\.timestamp) == [5])
    }
}

@Suite struct VP8DepacketizerTests {
    /// Three frames of three packets each, at timestamps 0, 1 and 2, from sequence number 0.
    private let packets: [(timestamp: UInt32, marker: Bool, payload: [UInt8])] = {
        var packetizer = VP8Packetizer(maximumPayload: 20, firstPictureID: 5)
        return (0..<3).flatMap { frame in
            let payloads = packetizer.packetize([UInt8](repeating: UInt8(frame), count: 40))
            return payloads.enumerated().map { (UInt32(frame), $0 == payloads.count - 1, $1) }
        }
    }()

    @Test(arguments: 0..<9) func `a lost packet costs its frame and no other`(lost: Int) throws {
        #expect(packets.count == 9)
        var depacketizer = VP8Depacketizer()
        var timestamps: [UInt32] = []
        for (number, packet) in packets.enumerated() where number != lost {
            let frame = try depacketizer.receive(
                sequenceNumber: UInt16(number), timestamp: packet.timestamp, marker: packet.marker,
                payload: packet.payload.span.bytes)
            if let frame {
                timestamps.append(frame.timestamp)
                #expect(frame.bytes == [UInt8](repeating: UInt8(frame.timestamp), count: 40))
            }
        }
        // Losing the very last packet leaves its frame unfinished, not yet known to be lost.
        #expect(timestamps == [0, 1, 2].filter { $0 != UInt32(lost / 3) })
        #expect(depacketizer.droppedFrames == (lost == 8 ? 0 : 1))
    }

    @Test func `a payload without data spoils its frame`() throws {
        var depacketizer = VP8Depacketizer()
        for (number, packet) in packets.prefix(3).enumerated() {
            let payload = number == 1 ? Array(packet.payload.prefix(4)) : packet.payload
            let receive = {
                try depacketizer.receive(
                    sequenceNumber: UInt16(number), timestamp: 0, marker: packet.marker, payload: payload.span.bytes)
            }
            if number == 1 {
                #expect(throws: ParseError.truncated) { try receive() }
            } else {
                #expect(try receive() == nil)
            }
        }
        #expect(depacketizer.droppedFrames == 1)
    }

    @Test func `a frame that outgrows the limit is dropped`() throws {
        var depacketizer = VP8Depacketizer()
        let large = [0x10] + [UInt8](repeating: 0, count: 60_000)
        var (sequence, returned) = (UInt16(0), 0)
        while depacketizer.droppedFrames == 0, sequence < 100 {
            let frame = try depacketizer.receive(
                sequenceNumber: sequence, timestamp: 0, marker: false, payload: large.span.bytes)
            if frame != nil { returned += 1 }
            sequence += 1
        }
        #expect(Int(sequence) == VP8Depacketizer.maximumFrame / 60_000 + 1)
        #expect(returned == 0)
    }
}
