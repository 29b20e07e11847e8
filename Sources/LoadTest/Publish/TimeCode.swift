import Media

/// A time painted into a picture as a row of black and white fields, large enough to survive any bitrate: 32 bits of
/// milliseconds, then their parity and its complement, so that a picture without a code is not read as one.
enum TimeCode {
    private static let bits = 34

    /// Paints into the luma of a picture at least 136 pixels wide.
    static func paint(_ milliseconds: UInt32, into frame: inout VideoFrame) {
        let side = frame.width / 40
        let width = frame.width
        frame.y.withUnsafeMutableBufferPointer { luma in
            for bit in 0..<bits {
                let value: UInt8 = isSet(bit, of: milliseconds) ? 235 : 16
                for row in side..<2 * side {
                    let start = row * width + (bit + 3) * side
                    for column in start..<start + side { luma[column] = value }
                }
            }
        }
    }

    static func read(_ frame: VideoFrame) -> UInt32? {
        let side = frame.width / 40
        guard side >= 3, frame.height >= 2 * side else { return nil }
        var milliseconds: UInt32 = 0
        var parity = false
        var marks: [Bool] = []
        for bit in 0..<bits {
            let isWhite = frame.y[(side + side / 2) * frame.width + (bit + 3) * side + side / 2] > 125
            guard bit < 32 else {
                marks.append(isWhite)
                continue
            }
            milliseconds |= isWhite ? 1 << UInt32(bit) : 0
            parity = parity != isWhite
        }
        return marks == [parity, !parity] ? milliseconds : nil
    }

    private static func isSet(_ bit: Int, of milliseconds: UInt32) -> Bool {
        let parity = milliseconds.nonzeroBitCount % 2 == 1
        switch bit {
        case 32: return parity
        case 33: return !parity
        default: return milliseconds >> UInt32(bit) & 1 == 1
        }
    }
}
