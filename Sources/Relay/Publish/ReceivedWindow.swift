/// Which of the last 1024 unwrapped sequence numbers have arrived, so that no packet is taken twice.
package struct ReceivedWindow: Sendable {
    private static let size: Int64 = 1024

    private var words = InlineArray<16, UInt64>(repeating: 0)
    private var highest: Int64 = .min

    package init() {}

    /// Marks `sequence`; false when it was there already or is too old to tell.
    package mutating func insert(_ sequence: Int64) -> Bool {
        if highest == .min || sequence >= highest + Self.size {
            words = InlineArray(repeating: 0)
            highest = sequence
        } else if sequence > highest {
            for passed in (highest + 1)...sequence { clear(passed) }
            highest = sequence
        } else if sequence <= highest - Self.size {
            return false
        }
        let (word, bit) = place(sequence)
        guard words[word] & bit == 0 else { return false }
        words[word] |= bit
        return true
    }

    private mutating func clear(_ sequence: Int64) {
        let (word, bit) = place(sequence)
        words[word] &= ~bit
    }

    private func place(_ sequence: Int64) -> (word: Int, bit: UInt64) {
        let position = Int(sequence & (Self.size - 1))
        return (position >> 6, 1 << UInt64(position & 63))
    }
}
