package import Media

/// How much came in the last second, to a tenth of it.
package struct RateMeter: Sendable {
    private static let bucketNanoseconds: Int64 = 100_000_000

    private var buckets = InlineArray<10, Int>(repeating: 0)
    /// The number of the newest bucket since the clock's start.
    private var newest: Int64 = .min / 2
    private var total = 0

    package init() {}

    package mutating func add(_ amount: Int, at now: Instant) {
        turn(to: now)
        buckets[Int(newest % 10)] += amount
        total += amount
    }

    /// A second.
    package mutating func rate(at now: Instant) -> Int {
        turn(to: now)
        return total
    }

    private mutating func turn(to now: Instant) {
        let bucket = max(0, now.nanoseconds) / Self.bucketNanoseconds
        guard bucket > newest else { return }
        if bucket - newest >= 10 {
            buckets = InlineArray(repeating: 0)
            total = 0
        } else {
            for passed in (newest + 1)...bucket {
                total -= buckets[Int(passed % 10)]
                buckets[Int(passed % 10)] = 0
            }
        }
        newest = bucket
    }
}
