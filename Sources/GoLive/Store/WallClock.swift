import Foundation

/// The time of day, for records and for people.
package enum WallClock {
    /// Milliseconds since 1970.
    package static func now() -> Int64 { Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)) }

    /// ISO 8601 in UTC with milliseconds, as the API writes it: `2026-11-21T10:35:03.120Z`.
    package static func text(_ milliseconds: Int64) -> String {
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        // The style cuts a binary fraction of a second off where it should round: the milliseconds are written apart.
        let whole = Date(timeIntervalSince1970: Double(rest < 0 ? seconds - 1 : seconds)).formatted(.iso8601)
        return whole.dropLast() + "." + String(1000 + (rest < 0 ? rest + 1000 : rest)).dropFirst() + "Z"
    }

    /// The moment that an ISO 8601 text names, with or without fractions of a second; nil when it is none.
    package static func milliseconds(parsing text: String) -> Int64? {
        for isFractional in [true, false] {
            let style = Date.ISO8601FormatStyle(includingFractionalSeconds: isFractional)
            guard let date = try? style.parse(text) else { continue }
            return Int64(exactly: (date.timeIntervalSince1970 * 1000).rounded())
        }
        return nil
    }
}
