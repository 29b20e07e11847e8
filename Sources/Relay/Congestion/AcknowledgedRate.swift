package import Media

/// How much arrives at a viewer, by what its feedback acknowledged: the last half second of the receiver's clock.
package struct AcknowledgedRate: Sendable {
    private static let bucketNanoseconds: Int64 = 50_000_000
    private static let bucketCount: Int64 = 10

    /// Less than this says nothing yet.
    private let minimumSpan: Duration
    private var buckets = InlineArray<10, Int>(repeating: 0)
    /// The number of the newest bucket since the receiver's clock began.
    private var newest: Int64 = .min
    private var first = Instant(nanoseconds: 0)
    private var last = Instant(nanoseconds: 0)
    private var total = 0

    package init(minimumSpan: Duration = .milliseconds(200)) {
        self.minimumSpan = minimumSpan
    }

    /// Takes a packet that arrived. `size` in bytes.
    package mutating func receive(size: Int, arrival: Instant) {
        let bucket = arrival.nanoseconds / Self.bucketNanoseconds
        if newest == .min || bucket - newest >= 2 * Self.bucketCount || newest - bucket >= Self.bucketCount {
            // The first one, after a silence, or a clock that jumped.
            buckets = InlineArray(repeating: 0)
            (total, newest, first, last) = (0, bucket, arrival, arrival)
        }
        while newest < bucket {
            newest += 1
            total -= buckets[Self.index(newest)]
            buckets[Self.index(newest)] = 0
        }
        guard newest - bucket < Self.bucketCount else { return }
        buckets[Self.index(bucket)] += size
        total += size
        last = max(last, arrival)
    }

    /// Bits a second; nil before there is enough to tell.
    package var rate: Int? {
        // From the start of the oldest bucket, or from the first packet when that came later.
        let oldest = Instant(nanoseconds: (newest - Self.bucketCount + 1) &* Self.bucketNanoseconds)
        guard newest != .min else { return nil }
        let span = last - max(first, oldest)
        guard span >= minimumSpan else { return nil }
        return Int(Double(total * 8) / span.inSeconds)
    }

    private static func index(_ bucket: Int64) -> Int {
        let rest = Int(bucket % bucketCount)
        return rest < 0 ? rest + Int(bucketCount) : rest
    }
}
