/// What an Opus packet says of itself (RFC 6716 §3.1, §3.2): its TOC byte and, for code 3, the frame count byte.
package struct OpusPacket: Sendable, BitwiseCopyable, Equatable {
    package enum Mode: Sendable, BitwiseCopyable {
        case silk, hybrid, celt
    }

    package enum Bandwidth: Sendable, BitwiseCopyable {
        /// 4, 6, 8, 12 and 20 kHz of audio.
        case narrow, medium, wide, superWide, full
    }

    /// The longest a packet may last (§3.4, requirement 5).
    package static let maximumDuration = Duration.milliseconds(120)

    package let mode: Mode
    package let bandwidth: Bandwidth
    /// 2.5 to 60 ms.
    package let frameDuration: Duration
    package let isStereo: Bool
    /// 0...3: one frame, two of equal size, two of any size, any number.
    package let frameCountCode: UInt8
    /// 1...48.
    package let frameCount: Int

    package var duration: Duration { frameDuration * frameCount }

    /// Reads the head of an RTP payload, which is one Opus packet.
    package init(parsing payload: RawSpan) throws(ParseError) {
        var reader = ByteReader(payload)
        let toc = try reader.uint8()
        let configuration = Int(toc >> 3)
        isStereo = toc & 0x04 != 0
        frameCountCode = toc & 0x03
        switch frameCountCode {
        case 0: frameCount = 1
        case 1, 2: frameCount = 2
        default: frameCount = Int(try reader.uint8() & 0x3F)
        }
        (mode, bandwidth) = Self.modeAndBandwidth(configuration)
        frameDuration =
            switch mode {
            case .silk: .milliseconds([10, 20, 40, 60][configuration % 4])
            case .hybrid: .milliseconds([10, 20][configuration % 2])
            case .celt: .microseconds([2500, 5000, 10_000, 20_000][configuration % 4])
            }
        guard frameCount > 0, frameDuration * frameCount <= Self.maximumDuration else {
            throw .malformed("Opus frame count")
        }
    }

    /// Mode and bandwidth of a TOC configuration number, 0...31 (RFC 6716 table 2).
    private static func modeAndBandwidth(_ configuration: Int) -> (Mode, Bandwidth) {
        switch configuration {
        case 0..<4: (.silk, .narrow)
        case 4..<8: (.silk, .medium)
        case 8..<12: (.silk, .wide)
        case 12..<14: (.hybrid, .superWide)
        case 14..<16: (.hybrid, .full)
        case 16..<20: (.celt, .narrow)
        case 20..<24: (.celt, .wide)
        case 24..<28: (.celt, .superWide)
        default: (.celt, .full)
        }
    }
}
