/// H.264 payloads (RFC 6184 §5.2), as far as finding keyframes goes: an IDR slice or the SPS in front of it, in a packet
/// of its own (§5.6), in a STAP-A (§5.7.1) or at the start of an FU-A (§5.8).
///
/// A keyframe that sends its SPS in a packet of its own is recognised there and again at its IDR slice.
package enum H264Payload {
    private enum UnitType {
        static let idr: UInt8 = 5
        static let sps: UInt8 = 7
        static let aggregate: UInt8 = 24
        static let fragment: UInt8 = 28
    }

    package static func isKeyframeStart(_ payload: RawSpan) -> Bool {
        guard payload.byteCount >= 2 else { return false }
        switch payload.uncheckedUInt8(at: 0) & 0x1F {
        case UnitType.aggregate:
            return aggregateHasKeyframe(payload)
        case UnitType.fragment:
            let head = payload.uncheckedUInt8(at: 1)
            return head & 0x80 != 0 && startsKeyframe(head & 0x1F)
        case let type:
            return startsKeyframe(type)
        }
    }

    private static func startsKeyframe(_ type: UInt8) -> Bool { type == UnitType.idr || type == UnitType.sps }

    private static func aggregateHasKeyframe(_ payload: RawSpan) -> Bool {
        var offset = 1
        while offset + 3 <= payload.byteCount {
            let length = Int(payload.uncheckedUInt16(at: offset))
            guard length > 0, offset + 2 + length <= payload.byteCount else { return false }
            if startsKeyframe(payload.uncheckedUInt8(at: offset + 2) & 0x1F) { return true }
            offset += 2 + length
        }
        return false
    }
}
