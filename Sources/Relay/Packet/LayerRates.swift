import Synchronization

/// What one layer of a track takes on the line, measured by the publisher's worker for those that allocate: bits
/// a second of each temporal layer with those below it, all in one number, so that readers on other threads see what
/// belongs together.
package final class LayerRates: Sendable {
    /// Four times sixteen bits, in `unit`, the lowest temporal layer in the lowest bits.
    private let packed = Atomic<UInt64>(0)
    /// Bits a second.
    private static let unit = 1000

    package init() {}

    package func store(_ rates: InlineArray<4, Int>) {
        var packed: UInt64 = 0
        for index in rates.indices {
            let rounded = (max(0, rates[index]) + Self.unit - 1) / Self.unit
            packed |= UInt64(UInt16(clamping: rounded)) << UInt64(16 * index)
        }
        self.packed.store(packed, ordering: .relaxed)
    }

    /// All zero while nothing comes.
    package func load() -> InlineArray<4, Int> {
        let packed = packed.load(ordering: .relaxed)
        var rates = InlineArray<4, Int>(repeating: 0)
        for index in rates.indices {
            rates[index] = Int(UInt16(truncatingIfNeeded: packed >> UInt64(16 * index))) * Self.unit
        }
        return rates
    }
}
