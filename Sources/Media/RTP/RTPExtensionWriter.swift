/// Writes a header extension (RFC 8285) into raw memory: its four-byte head, the elements and padding to four bytes.
///
/// It begins in one-byte form and moves over to two-byte form at the first element that needs it: an identifier above
/// 14, a value longer than 16 bytes or an empty one. The peer must have agreed to that form (`a=extmap-allow-mixed`)
/// or have numbered an extension above 14.
package struct RTPExtensionWriter {
    @usableFromInline let memory: UnsafeMutableRawBufferPointer
    @usableFromInline var end = 4
    @usableFromInline var isTwoByte = false

    /// Writes at the start of `memory`, which lies behind the fixed header and its CSRCs and outlives the writer.
    @inlinable
    package init(_ memory: UnsafeMutableRawBufferPointer) {
        self.memory = memory
    }

    /// Appends one element. False, and nothing written, when there is no room, the value is longer than 255 bytes or
    /// the identifier is 0, which means padding.
    @inlinable
    @discardableResult
    package mutating func append(id: UInt8, _ value: RawSpan) -> Bool {
        guard reserve(id: id, length: value.byteCount) else { return false }
        value.withUnsafeBytes { bytes in
            UnsafeMutableRawBufferPointer(rebasing: memory[(end - bytes.count)..<end]).copyMemory(from: bytes)
        }
        return true
    }

    /// Appends the low `length` (1...4) bytes of `value`, big-endian.
    @inlinable
    @discardableResult
    package mutating func append(id: UInt8, _ value: UInt32, length: Int) -> Bool {
        guard (1...4).contains(length), reserve(id: id, length: length) else { return false }
        for index in 0..<length {
            memory[end - 1 - index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index))
        }
        return true
    }

    /// Pads, fills in the head and returns the bytes written, head included; 0 when no element was appended, and then
    /// the packet must not set its extension bit.
    @inlinable
    package mutating func finish() -> Int {
        guard end > 4 else { return 0 }
        while end % 4 != 0 {
            memory[end] = 0
            end += 1
        }
        let profile = isTwoByte ? RTPHeader.twoByteProfile : RTPHeader.oneByteProfile
        memory.storeBytes(of: profile.bigEndian, as: UInt16.self)
        memory.storeBytes(of: UInt16(end / 4 - 1).bigEndian, toByteOffset: 2, as: UInt16.self)
        return end
    }

    /// Writes the element's head and moves `end` behind its value.
    @inlinable
    mutating func reserve(id: UInt8, length: Int) -> Bool {
        guard id != 0, length <= 255 else { return false }
        if !isTwoByte, id > 14 || length > 16 || length == 0 {
            guard hasRoom(elementCount + 2 + length) else { return false }
            widen()
        }
        let head = isTwoByte ? 2 : 1
        guard hasRoom(head + length) else { return false }
        if isTwoByte {
            memory[end] = id
            memory[end + 1] = UInt8(length)
        } else {
            memory[end] = id << 4 | UInt8(length - 1)
        }
        end += head + length
        return true
    }

    /// Room for `more` bytes and the padding behind them, within what the length field can say.
    @inlinable
    func hasRoom(_ more: Int) -> Bool {
        let padded = (end + more + 3) & ~3
        return padded <= memory.count && padded / 4 - 1 <= Int(UInt16.max)
    }

    /// Elements written so far, all in one-byte form.
    @usableFromInline
    var elementCount: Int {
        var (offset, count) = (4, 0)
        while offset < end {
            offset += 2 + Int(memory[offset] & 0x0F)
            count += 1
        }
        return count
    }

    /// Rewrites the one-byte elements as two-byte ones, each a byte longer; there is room.
    @usableFromInline
    mutating func widen() {
        var offset = 4
        while offset < end {
            let (id, length) = (memory[offset] >> 4, Int(memory[offset] & 0x0F) + 1)
            let base = memory.baseAddress! + offset + 1
            (base + 1).copyMemory(from: base, byteCount: end - offset - 1)
            memory[offset] = id
            memory[offset + 1] = UInt8(length)
            end += 1
            offset += 2 + length
        }
        isTwoByte = true
    }
}
