/// Retransmission payloads (RFC 4588 §4): the payload of the packet that was lost with its sequence number, two bytes,
/// in front.
///
/// To encapsulate, write an RTP header with the RTX stream's SSRC, payload type and own sequence number but the original
/// timestamp, marker and extension values, then `encapsulate` the payload. In place, a packet stored with two free bytes
/// between header and payload needs only `write(originalSequenceNumber:to:)` there.
package enum RTX {
    /// Bytes that stand in front of the original payload.
    package static let headerLength = 2

    /// The sequence number the retransmitted packet had; nil for padding (probes on an RTX stream have no payload).
    @inlinable
    package static func originalSequenceNumber(payload: RawSpan) -> UInt16? {
        payload.byteCount >= headerLength ? payload.uncheckedUInt16(at: 0) : nil
    }

    /// The original payload; empty for padding.
    @inlinable
    @_lifetime(copy payload)
    package static func originalPayload(of payload: RawSpan) -> RawSpan {
        payload.extracting(droppingFirst: min(headerLength, payload.byteCount))
    }

    @inlinable
    package static func write(originalSequenceNumber: UInt16, to destination: UnsafeMutableRawPointer) {
        destination.storeBytes(of: originalSequenceNumber.bigEndian, as: UInt16.self)
    }

    /// Writes the RTX payload for `payload` at `destination`, which has room for two bytes more than it holds, and
    /// returns its length. The two must not overlap.
    @inlinable
    package static func encapsulate(
        payload: RawSpan, originalSequenceNumber: UInt16, to destination: UnsafeMutableRawPointer
    ) -> Int {
        write(originalSequenceNumber: originalSequenceNumber, to: destination)
        payload.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            (destination + headerLength).copyMemory(from: base, byteCount: bytes.count)
        }
        return headerLength + payload.byteCount
    }
}
