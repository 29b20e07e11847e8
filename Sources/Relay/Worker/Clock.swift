import CSocket
package import Media

/// The relay's only reading of time. Everything below the workers gets it as an argument.
package enum Clock {
    /// Monotonic time.
    package static func now() -> Instant {
        Instant(nanoseconds: golive_monotonic_time())
    }

    /// Nanoseconds since 1970.
    package static func wallNanoseconds() -> Int64 {
        golive_wall_time()
    }

    /// Milliseconds since 1970.
    package static func wallMilliseconds() -> Int64 {
        wallNanoseconds() / 1_000_000
    }
}
