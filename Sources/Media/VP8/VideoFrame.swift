/// A picture in I420: full-size luma and two chroma planes of half width and height, rounded up, without row padding.
package struct VideoFrame: Sendable, Equatable {
    /// Pixels, at least 1 and at most `maximumSide`.
    package let width: Int
    package let height: Int
    package var y: [UInt8]
    package var u: [UInt8]
    package var v: [UInt8]
    /// 90 kHz.
    package var timestamp: UInt32

    /// What VP8 can say (RFC 6386 §9.1: 14 bits).
    package static let maximumSide = 16_383

    package var chromaWidth: Int { (width + 1) / 2 }
    package var chromaHeight: Int { (height + 1) / 2 }

    /// False when someone made a plane longer or shorter than the size says.
    var hasWholePlanes: Bool {
        let chroma = chromaWidth * chromaHeight
        return y.count == width * height && u.count == chroma && v.count == chroma
    }

    /// One grey picture.
    package init(width: Int, height: Int, timestamp: UInt32 = 0) {
        precondition((1...Self.maximumSide).contains(width) && (1...Self.maximumSide).contains(height))
        self.width = width
        self.height = height
        self.timestamp = timestamp
        y = [UInt8](repeating: 128, count: width * height)
        let chroma = ((width + 1) / 2) * ((height + 1) / 2)
        u = [UInt8](repeating: 128, count: chroma)
        v = [UInt8](repeating: 128, count: chroma)
    }
}
