import Foundation

/// The time of day, for records and for people.
package enum WallClock {
    /// Milliseconds since 1970.
    package static func now() -> Int64 { Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)) }

    /// ISO 8601 in UTC with milliseconds, as the API writes it: `2026-11-21T10:35:03.120Z`.
    package static func text(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(
            Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
