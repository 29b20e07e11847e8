import Media

/// What one viewer's copy of a packet has of its own: all it takes, besides the packet in the ring, to write it. The
/// same rewrite of the same packet gives the same bytes, always; but for a transport-wide number, and what carries one is
/// never sent twice.
package struct Rewrite: BitwiseCopyable, Sendable, Equatable {
    package struct Flags: OptionSet, BitwiseCopyable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let marker = Flags(rawValue: 1 << 0)
        /// A retransmission on the RTX stream: the payload begins with `originalSequence` (RFC 4588 §4).
        package static let rtx = Flags(rawValue: 1 << 1)
        /// Fills a gap that was left for a packet which is not for this viewer: no payload, one byte of padding.
        package static let filler = Flags(rawValue: 1 << 2)
        /// Nothing but padding on the RTX stream, to find out what the line carries. Belongs to no packet in the ring.
        package static let probe = Flags(rawValue: 1 << 3)
        /// Carries a transport-wide sequence number, which is given when it is written.
        package static let transportWide = Flags(rawValue: 1 << 4)
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
    package static let overhead = RTPHeader.fixedLength + 2 * transportWideLength + RTX.headerLength
    /// A header extension with nothing but a transport-wide number; half of it behind other elements.
    private static let transportWideLength = 4
    /// An authentication tag, with the longest profile.
    package static let tagLength = 16
    /// What a packet in the ring gets on its way out, about: header, transport-wide number and authentication tag.
    package static let lineOverhead = RTPHeader.fixedLength + transportWideLength + tagLength
    /// Padding of a probe: as much as the count in its last byte can say.
    private static let probePadding = 255
    /// Bytes of a probe in the clear.
    package static let probeLength = RTPHeader.fixedLength + 2 * transportWideLength + probePadding

    /// Writes the RTP packet in the clear and returns its length: the fixed header, the extension block as it is, the
    /// payload with its VP8 numbers replaced.
    ///
    /// - Parameters:
    ///   - info: what the ring says of the packet at `index`.
    ///   - bytes: the ring's bytes of it. Whether they were whole is to be checked (`isStillValid`) after this and
    ///     before the packet is sealed, let alone sent.
    ///   - out: room for `overhead` more bytes than the packet has in the ring.
    package func write(
        _ info: borrowing PacketInfo, bytes: UnsafeRawPointer, transportSequence: UInt16 = 0,
        into out: UnsafeMutableRawPointer
    ) -> Int {
        if flags.contains(.filler) { return writePadding(1, transportSequence: transportSequence, into: out) }
        let extensionLength = Int(info.extensionLength)
        let isTransportWide = flags.contains(.transportWide)
        RTPHeader.write(
            to: out, marker: flags.contains(.marker), payloadType: payloadType, sequenceNumber: sequence,
            timestamp: timestamp, ssrc: ssrc, hasExtension: extensionLength > 0 || isTransportWide)
        var end = RTPHeader.fixedLength
        if extensionLength > 0 {
            (out + end).copyMemory(from: bytes, byteCount: extensionLength)
            end += extensionLength
        }
        if isTransportWide { end = append(transportSequence, behind: extensionLength, to: out) }
        if flags.contains(.rtx) {
            RTX.write(originalSequenceNumber: originalSequence, to: out + end)
            end += RTX.headerLength
        }
        let payload = out + end
        payload.copyMemory(from: bytes + extensionLength, byteCount: Int(info.payloadLength))
        patch(payload, info.vp8)
        return end + Int(info.payloadLength)
    }

    /// Writes a probe, as `write` does what is in the ring.
    package func writeProbe(transportSequence: UInt16, into out: UnsafeMutableRawPointer) -> Int {
        writePadding(Self.probePadding, transportSequence: transportSequence, into: out)
    }

    private func writePadding(_ count: Int, transportSequence: UInt16, into out: UnsafeMutableRawPointer) -> Int {
        let isTransportWide = flags.contains(.transportWide)
        RTPHeader.write(
            to: out, marker: flags.contains(.marker), payloadType: payloadType, sequenceNumber: sequence,
            timestamp: timestamp, ssrc: ssrc, hasExtension: isTransportWide, hasPadding: true)
        let start = isTransportWide ? append(transportSequence, behind: 0, to: out) : RTPHeader.fixedLength
        (out + start).initializeMemory(as: UInt8.self, repeating: 0, count: count - 1)
        out.storeBytes(of: UInt8(count), toByteOffset: start + count - 1, as: UInt8.self)
        return start + count
    }

    /// Appends the number to an extension block of `length` bytes, which may be none, in the form that block has
    /// (RFC 8285 §4.2, §4.3): four bytes either way, so the padding before it stays where it is.
    ///
    /// - Returns: where the block ends now.
    private func append(_ number: UInt16, behind length: Int, to out: UnsafeMutableRawPointer) -> Int {
        let block = out + RTPHeader.fixedLength
        var end = length
        if length == 0 {
            block.storeBytes(of: RTPHeader.oneByteProfile.bigEndian, as: UInt16.self)
            end = 4
        }
        let id = CanonicalExtension.transportWideCC
        let element = block + end
        if UInt16(bigEndian: block.load(as: UInt16.self)) == RTPHeader.oneByteProfile {
            element.storeBytes(of: id << 4 | 1, as: UInt8.self)
            element.storeBytes(of: UInt8(truncatingIfNeeded: number >> 8), toByteOffset: 1, as: UInt8.self)
            element.storeBytes(of: UInt8(truncatingIfNeeded: number), toByteOffset: 2, as: UInt8.self)
            element.storeBytes(of: 0, toByteOffset: 3, as: UInt8.self)
        } else {
            element.storeBytes(of: id, as: UInt8.self)
            element.storeBytes(of: 2, toByteOffset: 1, as: UInt8.self)
            element.storeBytes(of: number.bigEndian, toByteOffset: 2, as: UInt16.self)
        }
        end += Self.transportWideLength
        block.storeBytes(of: UInt16(end / 4 - 1).bigEndian, toByteOffset: 2, as: UInt16.self)
        return RTPHeader.fixedLength + end
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
