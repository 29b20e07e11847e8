/// Counts durations in buckets of a quarter of an octave, from 16 µs to half a second: a shift and one
/// count-leading-zeros an entry, since there is an entry for every forwarded packet.
struct LatencyHistogram: Sendable {
    /// The first bucket ends at 2^14 ns ≈ 16 µs.
    private static let firstOctave = 14
    private static let octaves = 15
    private static let bounded = 1 + 4 * octaves

    /// One more than `bounded`.
    private var counts = InlineArray<62, UInt64>(repeating: 0)
    private var sum: UInt64 = 0

    @inline(__always)
    mutating func record(nanoseconds: Int64) {
        let value = UInt64(max(0, nanoseconds))
        sum &+= value
        guard value > 1 << UInt64(Self.firstOctave) else {
            counts[0] &+= 1
            return
        }
        // A bucket holds its upper bound, as Prometheus' "le" says.
        let below = value - 1
        let octave = 63 - below.leadingZeroBitCount
        let quarter = Int(below >> UInt64(octave - 2)) & 3
        counts[min(1 + 4 * (octave - Self.firstOctave) + quarter, Self.bounded)] &+= 1
    }

    static func + (a: LatencyHistogram, b: LatencyHistogram) -> LatencyHistogram {
        var result = a
        for i in result.counts.indices { result.counts[i] += b.counts[i] }
        result.sum += b.sum
        return result
    }

    /// In seconds, as Prometheus has it.
    var histogram: Histogram {
        Histogram(
            bounds: (0..<Self.bounded).map(Self.bound),
            counts: counts.indices.map { counts[$0] },
            sum: Double(sum) * 1e-9
        )
    }

    /// Seconds at which a bucket ends.
    private static func bound(_ bucket: Int) -> Double {
        guard bucket > 0 else { return Double(1 << firstOctave) * 1e-9 }
        let (octave, quarter) = (bucket - 1).quotientAndRemainder(dividingBy: 4)
        return Double((5 + quarter) << (firstOctave + octave - 2)) * 1e-9
    }
}
