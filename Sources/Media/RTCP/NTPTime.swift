/// A wall-clock time as RTP reports carry it: seconds since 1 January 1900 UTC in 32.32 fixed point (RFC 3550 §4).
/// Era 0 only, until February 2036.
package struct NTPTime: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// From 1900 to 1970.
    package static let unixEpochSeconds: Int64 = 2_208_988_800

    package var rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// From nanoseconds since 1 January 1970 UTC; wraps outside era 0.
    package init(unixNanoseconds: Int64) {
        let (seconds, rest) = unixNanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        // Floor division, so that the fraction is never negative.
        let borrow: Int64 = rest < 0 ? 1 : 0
        let nanoseconds = UInt64(rest + borrow * 1_000_000_000)
        let whole = UInt64(bitPattern: seconds - borrow + Self.unixEpochSeconds)
        // Rounded to the nearest 2⁻³² s, so that reading it back gives the same nanosecond.
        rawValue = whole << 32 &+ ((nanoseconds << 32 &+ 500_000_000) / 1_000_000_000)
    }

    /// Nanoseconds since 1 January 1970 UTC, rounded.
    package var unixNanoseconds: Int64 {
        let fraction = Int64(((rawValue & 0xFFFF_FFFF) * 1_000_000_000 + 1 << 31) >> 32)
        return (Int64(rawValue >> 32) - Self.unixEpochSeconds) * 1_000_000_000 + fraction
    }

    /// The middle 32 bits, 16.16 seconds: what LSR and DLRR repeat.
    package var middle: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 16) }

    package static func < (a: NTPTime, b: NTPTime) -> Bool { a.rawValue < b.rawValue }
}

extension Duration {
    /// From units of 1/65536 s, as DLSR and the middle bits of `NTPTime` count.
    package init(ntpShort: UInt32) {
        self = .nanoseconds((Int64(ntpShort) * 1_000_000_000) >> 16)
    }

    /// In units of 1/65536 s, rounded; 0 when negative, saturating at 18 hours.
    package var ntpShort: UInt32 {
        let nanoseconds = max(0, min(inNanoseconds, 65_536_000_000_000))
        return UInt32(clamping: (nanoseconds << 16 + 500_000_000) / 1_000_000_000)
    }
}
