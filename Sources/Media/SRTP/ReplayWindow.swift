/// Which of the latest numbers of a stream have been taken, so that none is taken twice (RFC 3711 §3.3.2, RFC 6347
/// §4.1.2.6). Spans `64 * (words - 1)` numbers up to the highest; what is older is refused. A ring of words, of which the
/// window moves into one at a time (RFC 6479).
struct ReplayWindow<let words: Int>: BitwiseCopyable {
    /// Numbers that the window spans.
    static var size: UInt64 { UInt64(words - 1) * 64 }

    /// The highest number taken; 0 before the first.
    private(set) var highest: UInt64 = 0
    private var taken = InlineArray<words, UInt64>(repeating: 0)

    /// Whether `number` may still come.
    @inline(__always)
    func admits(_ number: UInt64) -> Bool {
        if number > highest { return true }
        return highest - number < Self.size && taken[Self.place(number)] & 1 << (number & 63) == 0
    }

    /// Notes a number that was admitted, and whose packet is believed.
    @inline(__always)
    mutating func take(_ number: UInt64) {
        if number > highest {
            // What the words ahead hold was taken a round ago.
            let last = highest >> 6
            let steps = min(number >> 6 - last, UInt64(words))
            for step in 0..<steps { taken[Self.place((last + 1 + step) << 6)] = 0 }
            highest = number
        }
        taken[Self.place(number)] |= 1 << (number & 63)
    }

    @inline(__always)
    private static func place(_ number: UInt64) -> Int { Int((number >> 6) % UInt64(words)) }
}
