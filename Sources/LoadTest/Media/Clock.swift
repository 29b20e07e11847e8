import CSocket
import Media

/// Monotonic time, as Media takes it.
enum Clock {
    static func now() -> Instant { Instant(nanoseconds: golive_monotonic_time()) }
    /// Nanoseconds since 1970.
    static func wall() -> Int64 { golive_wall_time() }
}
