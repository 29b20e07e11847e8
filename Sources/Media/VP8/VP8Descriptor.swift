/// The VP8 payload descriptor (RFC 7741 §4.2), read without allocating, and where its patchable fields lie.
package struct VP8Descriptor: Sendable, BitwiseCopyable, Equatable {
    /// X: the extension byte is present. Follows from the fields it announces when serialized.
    package var isExtended: Bool
    /// N: no other frame refers to this one.
    package var isNonReference: Bool
    /// S: the packet begins a partition.
    package var isStartOfPartition: Bool
    /// PID, 0...7.
    package var partitionIndex: UInt8
    /// 7 or 15 bits.
    package var pictureID: UInt16?
    package var pictureIDIs15Bit: Bool
    package var tl0PictureIndex: UInt8?
    /// 0...3.
    package var temporalID: UInt8?
    /// Y: a frame of a higher temporal layer that refers to the base layer only. Means something with `temporalID`.
    package var isLayerSync: Bool
    /// 0...31.
    package var keyIndex: UInt8?
    /// Bytes the descriptor takes; the VP8 payload header lies behind them.
    package var length: Int
    /// Where PictureID lies in the payload; present with `pictureID` once parsed.
    package var pictureIDOffset: Int?
    /// Where TL0PICIDX lies in the payload; present with `tl0PictureIndex` once parsed.
    package var tl0PictureIndexOffset: Int?

    /// Reads the descriptor at the start of an RTP payload.
    @inlinable
    package init(parsing payload: RawSpan) throws(ParseError) {
        let count = payload.byteCount
        guard count >= 1 else { throw .truncated }
        let first = payload.uncheckedUInt8(at: 0)
        isExtended = first & 0x80 != 0
        isNonReference = first & 0x20 != 0
        isStartOfPartition = first & 0x10 != 0
        partitionIndex = first & 0x07
        pictureID = nil
        pictureIDIs15Bit = false
        tl0PictureIndex = nil
        temporalID = nil
        isLayerSync = false
        keyIndex = nil
        length = 1
        pictureIDOffset = nil
        tl0PictureIndexOffset = nil
        guard isExtended else { return }

        guard count >= 2 else { throw .truncated }
        let flags = payload.uncheckedUInt8(at: 1)
        var offset = 2
        if flags & 0x80 != 0 {
            guard offset < count else { throw .truncated }
            pictureIDOffset = offset
            let high = payload.uncheckedUInt8(at: offset)
            if high & 0x80 != 0 {
                guard offset + 2 <= count else { throw .truncated }
                pictureIDIs15Bit = true
                pictureID = payload.uncheckedUInt16(at: offset) & 0x7FFF
                offset += 2
            } else {
                pictureID = UInt16(high)
                offset += 1
            }
        }
        if flags & 0x40 != 0 {
            guard offset < count else { throw .truncated }
            tl0PictureIndexOffset = offset
            tl0PictureIndex = payload.uncheckedUInt8(at: offset)
            offset += 1
        }
        if flags & 0x30 != 0 {
            guard offset < count else { throw .truncated }
            let byte = payload.uncheckedUInt8(at: offset)
            if flags & 0x20 != 0 {
                temporalID = byte >> 6
                isLayerSync = byte & 0x20 != 0
            }
            if flags & 0x10 != 0 { keyIndex = byte & 0x1F }
            offset += 1
        }
        length = offset
    }

    /// A descriptor to serialize; `length` and the offsets follow from the fields.
    package init(
        isNonReference: Bool = false, isStartOfPartition: Bool, partitionIndex: UInt8 = 0, pictureID: UInt16? = nil,
        pictureIDIs15Bit: Bool = true, tl0PictureIndex: UInt8? = nil, temporalID: UInt8? = nil,
        isLayerSync: Bool = false, keyIndex: UInt8? = nil
    ) {
        self.isNonReference = isNonReference
        self.isStartOfPartition = isStartOfPartition
        self.partitionIndex = partitionIndex & 0x07
        self.pictureID = pictureID.map { $0 & (pictureIDIs15Bit ? 0x7FFF : 0x7F) }
        self.pictureIDIs15Bit = pictureID != nil && pictureIDIs15Bit
        self.tl0PictureIndex = tl0PictureIndex
        self.temporalID = temporalID.map { $0 & 0x03 }
        self.isLayerSync = temporalID != nil && isLayerSync
        self.keyIndex = keyIndex.map { $0 & 0x1F }
        isExtended = pictureID != nil || tl0PictureIndex != nil || temporalID != nil || keyIndex != nil
        var offset = isExtended ? 2 : 1
        pictureIDOffset = pictureID.map { _ in offset }
        if pictureID != nil { offset += pictureIDIs15Bit ? 2 : 1 }
        tl0PictureIndexOffset = tl0PictureIndex.map { _ in offset }
        if tl0PictureIndex != nil { offset += 1 }
        if temporalID != nil || keyIndex != nil { offset += 1 }
        length = offset
    }

    /// Appends the descriptor as its fields say.
    package func serialize(into writer: inout ByteWriter) {
        let hasLayer = temporalID != nil || keyIndex != nil
        let isExtended = isExtended || pictureID != nil || tl0PictureIndex != nil || hasLayer
        writer.write(
            (isExtended ? 0x80 : 0) | (isNonReference ? 0x20 : 0) | (isStartOfPartition ? 0x10 : 0)
                | partitionIndex & 0x07)
        guard isExtended else { return }
        let flags: UInt8 =
            (pictureID != nil ? 0x80 : 0) | (tl0PictureIndex != nil ? 0x40 : 0) | (temporalID != nil ? 0x20 : 0)
            | (keyIndex != nil ? 0x10 : 0)
        writer.write(flags)
        if let pictureID {
            if pictureIDIs15Bit {
                writer.write(0x8000 | pictureID)
            } else {
                writer.write(UInt8(truncatingIfNeeded: pictureID & 0x7F))
            }
        }
        if let tl0PictureIndex { writer.write(tl0PictureIndex) }
        if hasLayer {
            let layer = (temporalID ?? 0) << 6 | (isLayerSync ? 0x20 : 0)
            writer.write(layer | (keyIndex ?? 0) & 0x1F)
        }
    }
}

extension VP8Descriptor {
    /// Overwrites PictureID in a copy of the payload this descriptor was read from; keeps its width, so a 7-bit field
    /// takes the low seven bits. Nothing happens without the field.
    @inlinable
    package func patchPictureID(_ value: UInt16, in payload: UnsafeMutableRawPointer) {
        guard let pictureIDOffset else { return }
        if pictureIDIs15Bit {
            payload.storeBytes(of: (0x8000 | value).bigEndian, toByteOffset: pictureIDOffset, as: UInt16.self)
        } else {
            payload.storeBytes(of: UInt8(value & 0x7F), toByteOffset: pictureIDOffset, as: UInt8.self)
        }
    }

    /// Overwrites TL0PICIDX in a copy of the payload this descriptor was read from. Nothing happens without the field.
    @inlinable
    package func patchTL0PictureIndex(_ value: UInt8, in payload: UnsafeMutableRawPointer) {
        guard let tl0PictureIndexOffset else { return }
        payload.storeBytes(of: value, toByteOffset: tl0PictureIndexOffset, as: UInt8.self)
    }
}
