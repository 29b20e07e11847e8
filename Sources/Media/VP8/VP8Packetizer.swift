/// Splits VP8 frames into RTP payloads (RFC 7741 §4.4), each with a descriptor that carries a 15-bit PictureID. One
/// temporal layer, no partition boundaries: all is partition 0 of which the first packet has the start.
package struct VP8Packetizer: Sendable {
    /// Bytes a payload may take, the descriptor included.
    package let maximumPayload: Int
    private var pictureID: UInt16

    /// The first PictureID should be random (RFC 7741 §4.2).
    package init(maximumPayload: Int = 1160, firstPictureID: UInt16) {
        precondition(maximumPayload > 16, "no room for a descriptor")
        self.maximumPayload = maximumPayload
        pictureID = firstPictureID & 0x7FFF
    }

    /// The payloads of one frame in order, of nearly equal size; the last one's packet has the marker. None for an empty
    /// frame, which takes no PictureID.
    package mutating func packetize(_ frame: [UInt8]) -> [[UInt8]] {
        guard !frame.isEmpty else { return [] }
        let start = VP8Descriptor(isStartOfPartition: true, pictureID: pictureID)
        let more = VP8Descriptor(isStartOfPartition: false, pictureID: pictureID)
        let room = maximumPayload - start.length
        let count = (frame.count + room - 1) / room
        pictureID = (pictureID + 1) & 0x7FFF
        return (0..<count).map { index in
            var writer = ByteWriter(capacity: maximumPayload)
            (index == 0 ? start : more).serialize(into: &writer)
            writer.write(frame[frame.count * index / count..<frame.count * (index + 1) / count])
            return writer.bytes
        }
    }
}
