/// AV1 payloads (RTP Payload Format for AV1 v1.0, §4.4), as far as finding keyframes goes: the aggregation header says
/// a coded video sequence begins here (N), and a sequence header is among the OBU elements.
package enum AV1Payload {
    private static let sequenceHeader: UInt8 = 1

    package static func isKeyframeStart(_ payload: RawSpan) -> Bool {
        guard payload.byteCount >= 2 else { return false }
        // Z Y W W N - - -: Z = 1 continues an element of the packet before, which N = 1 forbids.
        let head = payload.uncheckedUInt8(at: 0)
        guard head & 0x80 == 0, head & 0x08 != 0 else { return false }
        let elementCount = Int(head >> 4 & 0x03)
        var offset = 1
        var index = 0
        while offset < payload.byteCount {
            index += 1
            var length = payload.byteCount - offset
            // With W = 0 every element has a length, else all but the last.
            if elementCount == 0 || index < elementCount {
                guard let size = leb128(payload, &offset), size <= payload.byteCount - offset else { return false }
                length = size
            }
            if length > 0, payload.uncheckedUInt8(at: offset) >> 3 & 0x0F == sequenceHeader { return true }
            offset += length
            if elementCount != 0, index == elementCount { return false }
        }
        return false
    }

    /// Little-endian base 128 (AV1 specification §4.10.5), of at most four bytes here: no packet is larger.
    private static func leb128(_ bytes: RawSpan, _ offset: inout Int) -> Int? {
        var value = 0
        for shift in stride(from: 0, to: 28, by: 7) {
            guard offset < bytes.byteCount else { return nil }
            let byte = bytes.uncheckedUInt8(at: offset)
            offset += 1
            value |= Int(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }
}
