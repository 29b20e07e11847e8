import Media
import Testing

@Suite struct RTXTests {
    @Test func `encapsulating puts the original sequence number in front`() {
        let payload: [UInt8] = [1, 2, 3]
        var packet = [UInt8](repeating: 0, count: 5)
        let length = packet.withUnsafeMutableBytes {
            RTX.encapsulate(payload: payload.span.bytes, originalSequenceNumber: 0xFFFE, to: $0.baseAddress!)
        }
        #expect(length == 5)
        #expect(packet == [0xFF, 0xFE, 1, 2, 3])
        let sequenceNumber = RTX.originalSequenceNumber(payload: packet.span.bytes)
        #expect(sequenceNumber == 0xFFFE)
        let original = RTX.originalPayload(of: packet.span.bytes).array
        #expect(original == payload)
    }

    @Test(arguments: 0..<2) func `a probe holds no packet`(length: Int) {
        let payload = [UInt8](repeating: 1, count: length)
        let sequenceNumber = RTX.originalSequenceNumber(payload: payload.span.bytes)
        #expect(sequenceNumber == nil)
        let original = RTX.originalPayload(of: payload.span.bytes).array
        #expect(original.isEmpty)
    }
}
