import COpus

/// Opus through libopus at 48 kHz, tuned for voice, with in-band FEC. Not thread-safe: one owner.
package final class OpusEncoder {
    package static let sampleRate = 48_000
    /// A packet may not be larger (RFC 6716 §3.2.1: 1275 bytes a frame).
    private static let maximumPacket = 1276

    package let channels: Int
    private let encoder: OpaquePointer

    /// `channels` is 1 or 2; `bitrate` in bits a second, 6000...510000.
    package init(channels: Int = 2, bitrate: Int = 64_000, expectedLossPercent: Int = 5) throws(OpusError) {
        var error: Int32 = 0
        let rate = Int32(Self.sampleRate)
        guard let encoder = opus_encoder_create(rate, Int32(clamping: channels), OPUS_APPLICATION_VOIP, &error) else {
            throw OpusError(code: error)
        }
        self.channels = channels
        self.encoder = encoder
        try check(golive_opus_set_bitrate(encoder, Int32(clamping: bitrate)))
        try check(golive_opus_set_inband_fec(encoder, 1))
        try check(golive_opus_set_packet_loss_perc(encoder, Int32(clamping: expectedLossPercent)))
    }

    deinit {
        opus_encoder_destroy(encoder)
    }

    /// Bits a second.
    package func setBitrate(_ bitrate: Int) throws(OpusError) {
        try check(golive_opus_set_bitrate(encoder, Int32(clamping: bitrate)))
    }

    /// One packet from interleaved samples, which are 2.5, 5, 10, 20, 40 or 60 ms of all channels.
    package func encode(_ samples: [Int16]) throws(OpusError) -> [UInt8] {
        guard samples.count % channels == 0 else { throw OpusError(code: OPUS_BAD_ARG) }
        var packet = [UInt8](repeating: 0, count: Self.maximumPacket)
        let count = opus_encode(
            encoder, samples, Int32(clamping: samples.count / channels), &packet, Int32(packet.count))
        try check(count)
        packet.removeLast(packet.count - Int(count))
        return packet
    }

    private func check(_ code: Int32) throws(OpusError) {
        if code < 0 { throw OpusError(code: code) }
    }
}
