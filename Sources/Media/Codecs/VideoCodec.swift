/// The video codecs whose keyframes a relay must recognise without decoding.
package enum VideoCodec: Sendable, Hashable, CaseIterable {
    case vp8, vp9, h264, av1

    /// True for an RTP payload with which a decoder can start: the first packet of a keyframe. Never for bytes that do
    /// not parse.
    package func isKeyframeStart(payload: RawSpan) -> Bool {
        switch self {
        case .vp8:
            guard let descriptor = try? VP8Descriptor(parsing: payload) else { return false }
            return VP8Payload.isKeyframe(payload, descriptor)
        case .vp9:
            return VP9Payload.isKeyframeStart(payload)
        case .h264:
            return H264Payload.isKeyframeStart(payload)
        case .av1:
            return AV1Payload.isKeyframeStart(payload)
        }
    }
}
