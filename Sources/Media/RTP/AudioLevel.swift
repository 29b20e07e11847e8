/// How loud the audio in a packet is, as its sender says (RFC 6464).
package struct AudioLevel: Sendable, BitwiseCopyable, Equatable {
    /// 0...127, in −dBov: 0 is the loudest there is, 127 silence.
    package var level: UInt8
    /// The sender believes the packet holds speech.
    package var voice: Bool

    /// `level` keeps its low seven bits.
    @inlinable
    package init(level: UInt8, voice: Bool) {
        self.level = level & 0x7F
        self.voice = voice
    }

    /// The first byte of the extension's value.
    @inlinable
    package init(byte: UInt8) {
        self.init(level: byte, voice: byte & 0x80 != 0)
    }

    @inlinable
    package var byte: UInt8 { (voice ? 0x80 : 0) | level }
}
