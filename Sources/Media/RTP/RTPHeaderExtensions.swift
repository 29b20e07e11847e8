/// The elements of a header extension in one-byte or two-byte form (RFC 8285 §4.2, §4.3), walked in place.
///
/// Padding is skipped. An element that runs past the end, the reserved identifier 15 and an identifier 0 with a length
/// (one-byte form) end the walk, as the RFC wants; what came before them stands. Any other profile has no elements.
package struct RTPHeaderExtensions: ~Escapable {
    package typealias Element = (id: UInt8, offset: Int, length: Int)

    @usableFromInline let packet: RawSpan
    @usableFromInline let start: Int
    @usableFromInline let end: Int
    @usableFromInline let isTwoByte: Bool
    @usableFromInline var offset: Int

    /// `header` must have been read from `packet`.
    @inlinable
    @_lifetime(copy packet)
    package init(_ packet: RawSpan, header: RTPHeader) {
        let profile = header.extensionProfile ?? 0
        isTwoByte = profile & 0xFFF0 == RTPHeader.twoByteProfile
        let hasElements = isTwoByte || profile == RTPHeader.oneByteProfile
        start = header.extensionOffset
        end = hasElements ? min(header.extensionOffset + header.extensionLength, packet.byteCount) : start
        offset = start
        self.packet = packet
    }

    /// The next element: its identifier and where its value lies in the packet.
    @inlinable
    package mutating func next() -> Element? {
        while offset < end {
            let head = packet.uncheckedUInt8(at: offset)
            if head == 0 {
                offset += 1
                continue
            }
            let id: UInt8
            let length: Int
            let value: Int
            if isTwoByte {
                guard offset + 2 <= end else { break }
                id = head
                length = Int(packet.uncheckedUInt8(at: offset + 1))
                value = offset + 2
            } else {
                id = head >> 4
                length = Int(head & 0x0F) + 1
                value = offset + 1
                guard id != 0, id != 15 else { break }
            }
            guard value + length <= end else { break }
            offset = value + length
            return (id, value, length)
        }
        offset = end
        return nil
    }

    /// Where the value of the first element called `id` lies, wherever `next` has got to.
    @inlinable
    package func find(id: UInt8) -> (offset: Int, length: Int)? {
        var walk = self
        walk.offset = start
        while let element = walk.next() {
            if element.id == id { return (element.offset, element.length) }
        }
        return nil
    }
}
