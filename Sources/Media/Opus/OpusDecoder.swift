import COpus

/// Opus through libopus, to 48 kHz interleaved samples. Not thread-safe: one owner.
package final class OpusDecoder {
    /// 120 ms, the longest packet.
    private static let maximumFrames = 5760

    package let channels: Int
    private let decoder: OpaquePointer

    /// `channels` is 1 or 2, whatever the packets have.
    package init(channels: Int = 2) throws(OpusError) {
        var error: Int32 = 0
        let rate = Int32(OpusEncoder.sampleRate)
        guard let decoder = opus_decoder_create(rate, Int32(clamping: channels), &error) else {
            throw OpusError(code: error)
        }
        self.channels = channels
        self.decoder = decoder
    }

    deinit {
        opus_decoder_destroy(decoder)
    }

    /// The samples of one packet; any bytes are safe.
    package func decode(_ packet: [UInt8]) throws(OpusError) -> [Int16] {
        guard !packet.isEmpty else { throw OpusError(code: OPUS_INVALID_PACKET) }
        return try decode(packet, frames: Self.maximumFrames, fromRedundancy: false)
    }

    /// `frames` samples a channel in the place of a lost packet: from the redundancy in the packet behind it, when that
    /// one is at hand and has any, else made up. A multiple of 2.5 ms (120 frames).
    package func conceal(frames: Int, next packet: [UInt8] = []) throws(OpusError) -> [Int16] {
        guard (1...Self.maximumFrames).contains(frames) else { throw OpusError(code: OPUS_BAD_ARG) }
        return try decode(packet, frames: frames, fromRedundancy: !packet.isEmpty)
    }

    private func decode(_ packet: [UInt8], frames: Int, fromRedundancy: Bool) throws(OpusError) -> [Int16] {
        var samples = [Int16](repeating: 0, count: frames * channels)
        // libopus takes a null packet for a lost one.
        let count = packet.withUnsafeBufferPointer { bytes in
            opus_decode(
                decoder, bytes.isEmpty ? nil : bytes.baseAddress, Int32(clamping: bytes.count), &samples,
                Int32(frames), fromRedundancy ? 1 : 0)
        }
        guard count >= 0 else { throw OpusError(code: count) }
        samples.removeLast(samples.count - Int(count) * channels)
        return samples
    }
}
