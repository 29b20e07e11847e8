/// A cursor over borrowed bytes in network byte order. Every read is checked and throws `ParseError.truncated` at the end.
package struct ByteReader: ~Escapable {
    private let bytes: RawSpan
    /// Bytes consumed so far.
    package private(set) var offset = 0

    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    package var remaining: Int { bytes.byteCount - offset }
    package var isAtEnd: Bool { offset == bytes.byteCount }

    package mutating func uint8() throws(ParseError) -> UInt8 {
        try require(1)
        defer { offset += 1 }
        return bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    }

    package mutating func uint16() throws(ParseError) -> UInt16 {
        try integer()
    }

    /// Three bytes, as RTCP's loss counts have them.
    package mutating func uint24() throws(ParseError) -> UInt32 {
        let high = try uint8()
        return UInt32(high) << 16 | UInt32(try uint16())
    }

    package mutating func uint32() throws(ParseError) -> UInt32 {
        try integer()
    }

    package mutating func uint64() throws(ParseError) -> UInt64 {
        try integer()
    }

    /// The next `count` bytes, copied.
    package mutating func bytes(_ count: Int) throws(ParseError) -> [UInt8] {
        try require(count)
        defer { offset += count }
        return bytes.extracting(offset..<offset + count).array
    }

    /// The next `count` bytes, borrowed.
    @_lifetime(copy self)
    package mutating func span(_ count: Int) throws(ParseError) -> RawSpan {
        try require(count)
        let span = bytes.extracting(offset..<offset + count)
        offset += count
        return span
    }

    /// Everything that is left, borrowed.
    @_lifetime(copy self)
    package mutating func rest() -> RawSpan {
        let span = bytes.extracting(offset..<bytes.byteCount)
        offset = bytes.byteCount
        return span
    }

    package mutating func skip(_ count: Int) throws(ParseError) {
        try require(count)
        offset += count
    }

    private mutating func integer<T: FixedWidthInteger & BitwiseCopyable>() throws(ParseError) -> T {
        let size = MemoryLayout<T>.size
        try require(size)
        defer { offset += size }
        return T(bigEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: T.self))
    }

    private func require(_ count: Int) throws(ParseError) {
        guard count >= 0, count <= remaining else { throw .truncated }
    }
}

extension RawSpan {
    /// A copy of the bytes.
    package var array: [UInt8] {
        withUnsafeBytes { Array($0) }
    }
}
