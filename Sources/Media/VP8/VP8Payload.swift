/// What can be read off the start of a VP8 frame behind its descriptor (RFC 7741 §4.3, RFC 6386 §9.1).
package enum VP8Payload {
    /// True for the first packet of a keyframe: it begins partition 0 and its inverse keyframe flag is clear.
    @inlinable
    package static func isKeyframe(_ payload: RawSpan, _ descriptor: VP8Descriptor) -> Bool {
        descriptor.isStartOfPartition && descriptor.partitionIndex == 0 && descriptor.length < payload.byteCount
            && payload.uncheckedUInt8(at: descriptor.length) & 0x01 == 0
    }

    /// Pixels, without the upscaling hints, of the keyframe that begins in this packet; nil when none does or its
    /// start code is wrong.
    package static func keyframeSize(_ payload: RawSpan, _ descriptor: VP8Descriptor) -> (width: Int, height: Int)? {
        guard isKeyframe(payload, descriptor) else { return nil }
        return frameSize(payload.extracting(droppingFirst: descriptor.length))
    }

    /// As `keyframeSize`, of a whole frame or its beginning without a descriptor.
    package static func frameSize(_ frame: RawSpan) -> (width: Int, height: Int)? {
        guard frame.byteCount >= 10, frame.uncheckedUInt8(at: 0) & 0x01 == 0, frame.uncheckedUInt8(at: 3) == 0x9D,
            frame.uncheckedUInt8(at: 4) == 0x01, frame.uncheckedUInt8(at: 5) == 0x2A
        else { return nil }
        // Little-endian, 14 bits of size and two of scale.
        let width = frame.uncheckedUInt16(at: 6).byteSwapped & 0x3FFF
        let height = frame.uncheckedUInt16(at: 8).byteSwapped & 0x3FFF
        return (Int(width), Int(height))
    }
}
