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
        /// Says how long the player is to hold pictures back.
        package static let playoutDelay = Flags(rawValue: 1 << 5)
        /// Any of what adds to the extension block.
        static let extended = Flags(rawValue: 1 << 4 | 1 << 5)
    }

    /// Where the packet is: the index in the ring of `layer`.
    package var index: Int64
    package var ssrc: UInt32
    package var timestamp: UInt32
    package var sequence: UInt16
    package var originalSequence: UInt16 = 0
    package var pictureID: UInt16 = 0
    package var tl0PictureIndex: UInt8 = 0
    package var playoutDelay: PlayoutDelay.Units = 0
    package var payloadType: UInt8
    package var layer: UInt8
    package var flags: Flags = []
    /// Bytes at the start of the payload that this viewer does not get: redundancy that it cannot read.
    package var omitted: UInt16 = 0

    /// What `write` adds at most to the bytes in the ring.
    package static let overhead = RTPHeader.fixedLength + 3 * elementLength + RTX.headerLength + maximumPadding
    /// Bytes of padding that a packet with a payload gets at most: far less than what a message more costs.
    package static let maximumPadding = 16
    /// A transport-wide number or a playout delay in an extension block, and the head of a block that has nothing else.
    static let elementLength = 4
    /// An authentication tag, with the longest profile.
    package static let tagLength = 16
    /// What a packet in the ring gets on its way out, about: header, transport-wide number and authentication tag.
    package static let lineOverhead = RTPHeader.fixedLength + elementLength + tagLength
    /// Padding of a probe: as much as the count in its last byte can say.
    private static let probePadding = 255
    /// Bytes of a probe in the clear.
    package static let probeLength = RTPHeader.fixedLength + 2 * elementLength + probePadding

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
        let padding = padding(of: info)
        RTPHeader.write(
            to: out, marker: flags.contains(.marker), payloadType: payloadType, sequenceNumber: sequence,
            timestamp: timestamp, ssrc: ssrc,
            hasExtension: extensionLength > 0 || !flags.isDisjoint(with: .extended), hasPadding: padding > 0)
        var end = RTPHeader.fixedLength
        if extensionLength > 0 {
            (out + end).copyMemory(from: bytes, byteCount: extensionLength)
            end += extensionLength
        }
        if flags.contains(.playoutDelay) { end = appendPlayoutDelay(at: end, to: out) }
        if flags.contains(.transportWide) { end = append(transportSequence, at: end, to: out) }
        if flags.contains(.rtx) {
            RTX.write(originalSequenceNumber: originalSequence, to: out + end)
            end += RTX.headerLength
        }
        let payload = out + end
        let payloadLength = Int(info.payloadLength) &- Int(omitted)
        payload.copyMemory(from: bytes + extensionLength + Int(omitted), byteCount: payloadLength)
        patch(payload, info.vp8)
        end += payloadLength
        if padding > 0 { end = appendPadding(padding, at: end, to: out) }
        return end
    }

    /// Extension and payload bytes of the packet's copy for this viewer.
    package func byteCount(of info: borrowing PacketInfo) -> Int { info.byteCount &- Int(omitted) }

    /// What is written behind the payload: the same number must never go out with other bytes (AES-GCM), so only what
    /// carries a transport-wide number is padded, for it is sent once.
    @inline(__always)
    func padding(of info: borrowing PacketInfo) -> Int {
        flags.contains(.transportWide) && !flags.contains(.rtx) ? Int(info.padding) : 0
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
        let start =
            isTransportWide ? append(transportSequence, at: RTPHeader.fixedLength, to: out) : RTPHeader.fixedLength
        return appendPadding(count, at: start, to: out)
    }

    /// RFC 3550 §5.1: the last byte says how many there are.
    private func appendPadding(_ count: Int, at end: Int, to out: UnsafeMutableRawPointer) -> Int {
        (out + end).initializeMemory(as: UInt8.self, repeating: 0, count: count - 1)
        out.storeBytes(of: UInt8(count), toByteOffset: end + count - 1, as: UInt8.self)
        return end + count
    }

    /// Appends the number to the extension block that ends at `end`, and begins there if there is none, in the form that
    /// block has (RFC 8285 §4.2, §4.3): four bytes either way, so the padding before it stays where it is.
    ///
    /// - Returns: where the block ends now.
    private func append(_ number: UInt16, at end: Int, to out: UnsafeMutableRawPointer) -> Int {
        let start = beginBlock(at: end, out)
        let id = CanonicalExtension.transportWideCC
        let element = out + start
        if hasOneByteElements(out) {
            element.storeBytes(of: id << 4 | 1, as: UInt8.self)
            element.storeBytes(of: UInt8(truncatingIfNeeded: number >> 8), toByteOffset: 1, as: UInt8.self)
            element.storeBytes(of: UInt8(truncatingIfNeeded: number), toByteOffset: 2, as: UInt8.self)
            element.storeBytes(of: 0, toByteOffset: 3, as: UInt8.self)
        } else {
            element.storeBytes(of: id, as: UInt8.self)
            element.storeBytes(of: 2, toByteOffset: 1, as: UInt8.self)
            element.storeBytes(of: number.bigEndian, toByteOffset: 2, as: UInt16.self)
        }
        return endBlock(at: start + Self.elementLength, out)
    }

    /// Appends the least delay and one of ten seconds as the most, twelve bits each; the most is no limit, and not the
    /// least, since both as zero would say that there is to be no buffer. A block of two-byte elements is left as it is:
    /// the delay would not fill four bytes there.
    private func appendPlayoutDelay(at end: Int, to out: UnsafeMutableRawPointer) -> Int {
        let start = beginBlock(at: end, out)
        guard hasOneByteElements(out) else { return end }
        let head = UInt32(CanonicalExtension.playoutDelay.rawValue << 4 | 2)
        let element = head << 24 | UInt32(playoutDelay) << 12 | 1000
        out.storeBytes(of: element.bigEndian, toByteOffset: start, as: UInt32.self)
        return endBlock(at: start + Self.elementLength, out)
    }

    /// Where the next element of the block that ends at `end` goes; writes the head of one that is empty.
    private func beginBlock(at end: Int, _ out: UnsafeMutableRawPointer) -> Int {
        guard end == RTPHeader.fixedLength else { return end }
        out.storeBytes(of: RTPHeader.oneByteProfile.bigEndian, toByteOffset: end, as: UInt16.self)
        return end + Self.elementLength
    }

    private func endBlock(at end: Int, _ out: UnsafeMutableRawPointer) -> Int {
        let words = (end - RTPHeader.fixedLength) / 4 - 1
        out.storeBytes(of: UInt16(words).bigEndian, toByteOffset: RTPHeader.fixedLength + 2, as: UInt16.self)
        return end
    }

    private func hasOneByteElements(_ out: UnsafeMutableRawPointer) -> Bool {
        out.load(fromByteOffset: RTPHeader.fixedLength, as: UInt16.self) == RTPHeader.oneByteProfile.bigEndian
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
