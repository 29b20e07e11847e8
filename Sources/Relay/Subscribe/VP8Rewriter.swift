/// Numbers VP8 pictures anew (RFC 7741 §4.2): PictureID grows by one a picture and TL0PICIDX by one a base-layer
/// picture, across layer switches, pauses and pictures that were left out to lower the frame rate.
///
/// Fields keep the width that the publisher gave them, so that no payload changes its length.
package struct VP8Rewriter: Sendable {
    package struct Patch: BitwiseCopyable, Sendable {
        package var pictureID: UInt16
        package var tl0PictureIndex: UInt8
    }

    /// The highest source picture id, unwrapped.
    private var highest: Int64 = 0
    private var pictures: Renumbering
    private var tl0Offset: UInt8 = 0
    private var lastTL0: UInt8

    /// The highest temporal layer passed on now.
    package private(set) var temporalLayer: UInt8 = 3
    /// The highest temporal layer wanted.
    package var wantedTemporalLayer: UInt8 = 3

    package init(firstPictureID: UInt16, firstTL0PictureIndex: UInt8) {
        pictures = Renumbering(first: Int64(firstPictureID & 0x7FFF))
        lastTL0 = firstTL0PictureIndex &- 1
    }

    /// Begins with the first packet of a keyframe of a new source.
    package mutating func restart(at fields: VP8Fields) {
        highest = Int64(fields.pictureID)
        pictures.restart(at: highest)
        tl0Offset = lastTL0 &+ 1 &- fields.tl0PictureIndex
        temporalLayer = wantedTemporalLayer
    }

    /// Whether the packet belongs to a picture of a temporal layer that is passed on. The layer changes only at the
    /// start of a picture: downwards at any, upwards by one at a picture that needs nothing that was left out.
    ///
    /// Not for packets that come late: their picture was admitted or left out before, which `rewrite` knows.
    package mutating func admits(_ fields: VP8Fields, isFrameStart: Bool) -> Bool {
        if isFrameStart, temporalLayer != wantedTemporalLayer {
            if wantedTemporalLayer < temporalLayer {
                temporalLayer = wantedTemporalLayer
            } else if fields.temporalID == temporalLayer + 1, fields.isLayerSync {
                temporalLayer = fields.temporalID
            }
        }
        return fields.temporalID <= temporalLayer
    }

    /// The packet's picture is left out.
    package mutating func skip(_ fields: VP8Fields) {
        guard fields.pictureIDBits > 0 else { return }
        let picture = unwrap(fields)
        // Lost pictures and those sent in part keep their number.
        if pictures.isNew(picture) { _ = pictures.skip(picture) }
    }

    /// The numbers to write; nil when the picture is one that was left out or is too old.
    package mutating func rewrite(_ fields: VP8Fields) -> Patch? {
        var pictureID: Int64 = 0
        if fields.pictureIDBits > 0 {
            guard let number = pictures.map(unwrap(fields)) else { return nil }
            pictureID = number
        }
        let tl0 = fields.tl0PictureIndex &+ tl0Offset
        if fields.tl0Offset > 0, Int8(bitPattern: tl0 &- lastTL0) > 0 { lastTL0 = tl0 }
        return Patch(pictureID: UInt16(truncatingIfNeeded: pictureID) & 0x7FFF, tl0PictureIndex: tl0)
    }

    private mutating func unwrap(_ fields: VP8Fields) -> Int64 {
        let modulus: Int64 = 1 << Int64(fields.pictureIDBits)
        var step = (Int64(fields.pictureID) - highest) & (modulus - 1)
        if step >= modulus / 2 { step -= modulus }
        let value = highest + step
        highest = max(highest, value)
        return value
    }
}
