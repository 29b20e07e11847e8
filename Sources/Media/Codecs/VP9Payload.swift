/// VP9 payloads (RFC 9628 §4.2), as far as finding keyframes goes: a frame that is not inter-picture predicted (P = 0),
/// begins here (B = 1) and is of the lowest spatial layer.
package enum VP9Payload {
    package static func isKeyframeStart(_ payload: RawSpan) -> Bool {
        guard payload.byteCount >= 2 else { return false }
        let first = payload.uncheckedUInt8(at: 0)
        let (hasPictureID, isPredicted, hasLayers, isStart) =
            (first & 0x80 != 0, first & 0x40 != 0, first & 0x20 != 0, first & 0x08 != 0)
        guard !isPredicted, isStart else { return false }
        guard hasLayers else { return true }
        var offset = 1
        if hasPictureID { offset += payload.uncheckedUInt8(at: 1) & 0x80 != 0 ? 2 : 1 }
        guard offset < payload.byteCount else { return false }
        return payload.uncheckedUInt8(at: offset) >> 1 & 0x07 == 0
    }
}
