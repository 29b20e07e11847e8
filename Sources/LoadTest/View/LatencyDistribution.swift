/// Durations counted in buckets whose width is at most 1/32 of their value, from 1 µs to over an hour.
struct LatencyDistribution: Sendable, Equatable {
    private static let steps = 32
    private var counts = [UInt64](repeating: 0, count: 33 * steps)
    private(set) var count: UInt64 = 0

    mutating func record(nanoseconds: Int64) {
        count += 1
        counts[Self.bucket(UInt64(max(0, nanoseconds)) / 1000)] += 1
    }

    mutating func merge(_ other: LatencyDistribution) {
        count += other.count
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    /// What came since an earlier state of this.
    func since(_ earlier: LatencyDistribution) -> LatencyDistribution {
        var rest = self
        rest.count -= earlier.count
        for index in counts.indices { rest.counts[index] -= earlier.counts[index] }
        return rest
    }

    /// Milliseconds below which this share of the durations lies, 0…1; nil when there are none.
    func percentile(_ share: Double) -> Double? {
        guard count > 0 else { return nil }
        let wanted = max(1, UInt64((Double(count) * share).rounded(.up)))
        var seen: UInt64 = 0
        for (index, count) in counts.enumerated() {
            seen += count
            if seen >= wanted { return Double(Self.upperEdge(index)) / 1000 }
        }
        return nil
    }

    private static func bucket(_ microseconds: UInt64) -> Int {
        guard microseconds >= UInt64(steps) else { return Int(microseconds) }
        let exponent = 63 - microseconds.leadingZeroBitCount - 5
        let mantissa = Int(microseconds >> UInt64(exponent)) - steps
        return min((exponent + 1) * steps + mantissa, 33 * steps - 1)
    }

    /// Microseconds.
    private static func upperEdge(_ bucket: Int) -> UInt64 {
        guard bucket >= steps else { return UInt64(bucket + 1) }
        let exponent = UInt64(bucket / steps - 1)
        return UInt64(bucket % steps + steps + 1) << exponent
    }
}
