/// A counter that wraps, compared by RFC 1982 serial number arithmetic: `a < b` when `b` is less than half the number
/// space ahead of `a`. Two values exactly half the space apart are ordered neither way.
package struct SerialNumber<RawValue: FixedWidthInteger & UnsignedInteger & Sendable & BitwiseCopyable>: Hashable,
    Sendable, BitwiseCopyable
{
    package var rawValue: RawValue

    @inlinable
    package init(_ rawValue: RawValue) {
        self.rawValue = rawValue
    }

    @inlinable
    package static func < (a: Self, b: Self) -> Bool {
        let ahead = b.rawValue &- a.rawValue
        return ahead != 0 && ahead < (1 << (RawValue.bitWidth - 1))
    }

    @inlinable package static func > (a: Self, b: Self) -> Bool { b < a }
    @inlinable package static func <= (a: Self, b: Self) -> Bool { a == b || a < b }
    @inlinable package static func >= (a: Self, b: Self) -> Bool { b <= a }

    @inlinable package static func + (a: Self, b: RawValue) -> Self { Self(a.rawValue &+ b) }
    @inlinable package static func - (a: Self, b: RawValue) -> Self { Self(a.rawValue &- b) }

    /// Signed steps from `other` to here, the short way round.
    @inlinable
    package func distance(from other: Self) -> Int {
        let ahead = rawValue &- other.rawValue
        return ahead < (1 << (RawValue.bitWidth - 1)) ? Int(ahead) : Int(ahead) - (1 << RawValue.bitWidth)
    }
}

/// Turns wrapping 16-bit sequence numbers into ever-growing ones, tolerating reordering across the wrap.
package struct SequenceUnwrapper: Sendable, BitwiseCopyable {
    private var highest: Int64?

    package init() {}

    /// The 64-bit number for `sequence`; the first one seen keeps its own value.
    package mutating func unwrap(_ sequence: UInt16) -> Int64 {
        guard let highest else {
            self.highest = Int64(sequence)
            return Int64(sequence)
        }
        let step = SerialNumber(sequence).distance(from: SerialNumber(UInt16(truncatingIfNeeded: highest)))
        let value = highest + Int64(step)
        if value > highest { self.highest = value }
        return value
    }
}
