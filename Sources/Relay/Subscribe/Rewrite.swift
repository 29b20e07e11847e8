import Media

/// What one viewer's copy of a packet has of its own: all it takes, besides the packet in the ring, to write it. The
/// same rewrite of the same packet gives the same bytes, always.
package struct Rewrite: BitwiseCopyable, Sendable, Equatable {
    package struct Flags: OptionSet, BitwiseCopyable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let marker = Flags(rawValue: 1 << 0)
        /// A retransmission on the RTX stream: the payload begins with `originalSequence` (RFC 4588 §4).
        package static let rtx = Flags(rawValue: 1 << 1)
        /// Fills a gap that was left for a packet which is not for this viewer: no payload, one byte of padding.
        package static let filler = Flags(rawValue: 1 << 2)
    }

    /// Where the packet is: the index in the ring of `layer`.
    package var index: Int64
    package var ssrc: UInt32
    package var timestamp: UInt32
    package var sequence: UInt16
    package var originalSequence: UInt16 = 0
    package var pictureID: UInt16 = 0
    package var tl0PictureIndex: UInt8 = 0
    package var payloadType: UInt8
    package var layer: UInt8
    package var flags: Flags = []

    /// What `write` adds at most to the bytes in the ring.
    package static let overhead = RTPHeader.fixedLength + RTX.headerLength

    /// Writes the RTP packet in the clear and returns its length: the fixed header, the extension block as it is, the
    /// payload with its VP8 numbers replaced.
    ///
    /// - Parameters:
    ///   - info: what the ring says of the packet at `index`.
    ///   - bytes: the ring's bytes of it. Whether they were whole is to be checked (`isStillValid`) after this and
    ///     before the packet is sealed, let alone sent.
    ///   - out: room for `overhead` more bytes than the packet has in the ring.
    package func write(
        _ info: borrowing PacketInfo, bytes: UnsafeRawPointer, into out: UnsafeMutableRawPointer
    ) -> Int {
        let isFiller = flags.contains(.filler)
        let extensionLength = isFiller ? 0 : Int(info.extensionLength)
        RTPHeader.write(
            to: out, marker: flags.contains(.marker), payloadType: payloadType, sequenceNumber: sequence,
            timestamp: timestamp, ssrc: ssrc, hasExtension: extensionLength > 0, hasPadding: isFiller)
        var end = RTPHeader.fixedLength
        if extensionLength > 0 {
            (out + end).copyMemory(from: bytes, byteCount: extensionLength)
            end += extensionLength
        }
        if flags.contains(.rtx) {
            RTX.write(originalSequenceNumber: originalSequence, to: out + end)
            end += RTX.headerLength
        }
        if isFiller {
            out.storeBytes(of: 1, toByteOffset: end, as: UInt8.self)
            return end + 1
        }
        let payload = out + end
        payload.copyMemory(from: bytes + extensionLength, byteCount: Int(info.payloadLength))
        patch(payload, info.vp8)
        return end + Int(info.payloadLength)
    }

    private func patch(_ payload: UnsafeMutableRawPointer, _ fields: VP8Fields) {
        if fields.pictureIDOffset > 0 {
            let offset = Int(fields.pictureIDOffset)
            if fields.pictureIDBits == 15 {
                payload.storeBytes(of: (0x8000 | pictureID).bigEndian, toByteOffset: offset, as: UInt16.self)
            } else {
                payload.storeBytes(of: UInt8(pictureID & 0x7F), toByteOffset: offset, as: UInt8.self)
            }
        }
        if fields.tl0Offset > 0 {
            payload.storeBytes(of: tl0PictureIndex, toByteOffset: Int(fields.tl0Offset), as: UInt8.self)
        }
    }
}
