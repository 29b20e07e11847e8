/// SplitMix64: a seeded generator, so that a failure repeats.
struct RTPTestGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// A copy with one to four bytes changed and now and then cut short.
    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var copy = bytes
        guard !copy.isEmpty else { return copy }
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            copy[Int.random(in: 0..<copy.count, using: &self)] = UInt8.random(in: 0...255, using: &self)
        }
        if Int.random(in: 0..<4, using: &self) == 0 { copy.removeLast(Int.random(in: 0..<copy.count, using: &self)) }
        return copy
    }
}

/// The bytes written in hexadecimal; blanks are skipped.
func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
