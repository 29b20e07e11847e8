/// Cuts a byte stream into the packets that a peer framed in it (RFC 4571 §2): each is preceded by its length in two
/// bytes. Holds one packet, whole or begun, and never more than `maximumLength` bytes of it.
package struct FrameReader: ~Copyable {
    /// Bytes of the length field.
    package static let headerSize = 2
    /// Bytes of the largest packet that is taken: no WebRTC client sends more than its path's MTU.
    package static let maximumLength = 1984
    /// Memory of one packet: room is left behind it for what is written around it in place.
    private static let capacity = 2048

    /// The packet that `next` returned last. May be written to; holds until the next call.
    package let packet: UnsafeMutableRawPointer
    /// The bytes of the length field that have come, and its value so far.
    private var headerCount = 0
    private var length = 0
    private var count = 0

    package init() {
        packet = .allocate(byteCount: Self.capacity, alignment: 8)
    }

    deinit { packet.deallocate() }

    /// Takes bytes from the front of `input` until a packet is whole, and returns its length; nil when the input ran out.
    /// Empty frames are passed over.
    ///
    /// - Throws: `.tooLarge` when a frame is longer than `maximumLength`. The stream cannot be read on after that.
    package mutating func next(in input: inout UnsafeRawBufferPointer) throws(ParseError) -> Int? {
        while !input.isEmpty {
            if headerCount < Self.headerSize {
                length = length << 8 | Int(input[0])
                headerCount += 1
                input = UnsafeRawBufferPointer(rebasing: input.dropFirst())
                if headerCount == Self.headerSize, length > Self.maximumLength { throw .tooLarge("frame") }
                if headerCount == Self.headerSize, length == 0 { headerCount = 0 }
                continue
            }
            let part = min(length - count, input.count)
            (packet + count).copyMemory(from: input.baseAddress!, byteCount: part)
            input = UnsafeRawBufferPointer(rebasing: input.dropFirst(part))
            count += part
            if count == length {
                defer { (headerCount, length, count) = (0, 0, 0) }
                return length
            }
        }
        return nil
    }

    /// Writes the length field of a packet of `length` bytes, at most 65535.
    package static func writeHeader(length: Int, to destination: UnsafeMutableRawPointer) {
        destination.storeBytes(of: UInt16(truncatingIfNeeded: length).bigEndian, as: UInt16.self)
    }
}
