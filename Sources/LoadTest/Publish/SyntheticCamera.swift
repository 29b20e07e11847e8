import Media

/// A camera that films a moving pattern with the time painted in, and really encodes it: VP8 through libvpx, in as many
/// sizes as the profile has. For one thread.
final class SyntheticCamera {
    struct Picture {
        var layer: Int
        var payloads: [[UInt8]]
    }

    let profile: VideoProfile
    private var encoders: [VP8Encoder] = []
    private var frames: [VideoFrame]
    private var packetizers: [VP8Packetizer] = []
    private let camera: Int
    private var number = 0

    /// - Parameter camera: makes pictures that are not those of another camera.
    init(_ profile: VideoProfile, number camera: Int = 0) throws(VPXError) {
        self.profile = profile
        self.camera = camera
        frames = profile.layers.map { VideoFrame(width: $0.width, height: $0.height) }
        for layer in profile.layers {
            encoders.append(
                try VP8Encoder(
                    width: layer.width, height: layer.height, bitrate: layer.bitrate,
                    framesPerSecond: profile.framesPerSecond))
            packetizers.append(VP8Packetizer(firstPictureID: .random(in: 0..<0x8000)))
        }
    }

    func forceKeyframe(layer: Int) {
        encoders[layer].forceKeyframe()
    }

    /// - Parameters:
    ///   - timestamp: 90 kHz, ascending.
    ///   - milliseconds: of any clock that the viewers share; painted in.
    func film(timestamp: UInt32, milliseconds: UInt32) throws(VPXError) -> [Picture] {
        var pictures: [Picture] = []
        number += 1
        for layer in profile.layers.indices {
            paint(&frames[layer])
            TimeCode.paint(milliseconds, into: &frames[layer])
            frames[layer].timestamp = timestamp
            guard let frame = try encoders[layer].encode(frames[layer]) else { continue }
            pictures.append(Picture(layer: layer, payloads: packetizers[layer].packetize(frame.bytes)))
        }
        return pictures
    }

    /// A gradient that slides, over which a grainy bar moves: enough change for the encoder to use its bits, and not
    /// more than it can do with them.
    private func paint(_ frame: inout VideoFrame) {
        let (width, height, shift) = (frame.width, frame.height, number)
        frame.y.withUnsafeMutableBufferPointer { luma in
            let bar = (shift * 4) % width
            for row in 0..<height {
                let line = UnsafeMutableBufferPointer(rebasing: luma[row * width..<(row + 1) * width])
                for column in 0..<width {
                    line[column] = UInt8(truncatingIfNeeded: (column + row + shift) >> 1)
                }
                var noise = UInt32(truncatingIfNeeded: row &* 2_654_435_761 &+ shift &+ camera &* 40_503)
                for column in bar..<min(bar + width / 8, width) {
                    noise = noise &* 1_664_525 &+ 1_013_904_223
                    line[column] = UInt8(clamping: Int(line[column]) + Int(noise >> 26) - 32)
                }
            }
        }
    }
}

/// A microphone that hears a tone.
final class SyntheticMicrophone {
    /// Of one packet: 20 ms at 48 kHz.
    static let samples = 960
    private let encoder: OpusEncoder
    private let period: Int
    private var phase = 0

    /// - Parameter number: makes sounds that are not those of another microphone.
    init(number: Int = 0) throws(OpusError) {
        period = 100 + 6 * number
        encoder = try OpusEncoder(channels: 1, bitrate: 32_000)
    }

    func listen() throws(OpusError) -> [UInt8] {
        // A triangle of 480 Hz or less whose strength changes, so that no two packets are alike.
        let samples = (0..<Self.samples).map { index in
            let step = (phase + index) % period
            return Int16(min(step, period - step) * (200 + phase / Self.samples % 97))
        }
        phase += Self.samples
        return try encoder.encode(samples)
    }
}
