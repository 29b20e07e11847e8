import Media
import Synchronization

/// When each packet left its publisher, and when the first and the last viewer had it. A packet is found again by its
/// payload's last bytes: no server changes these, whatever it does to headers, so the latency of any server is measured
/// alike. Written by the publishers' threads, read by the viewers'; a place is overwritten by the next packet that falls on
/// it, and a reader that meets this finds nothing.
final class SendTimes: Sendable {
    /// Packets remembered, a power of two: some 80 s of a 720p stream.
    private static let capacity = 1 << 15

    private struct Place: ~Copyable {
        let key = Atomic<UInt64>(0)
        /// Nanoseconds, as `Instant` has them.
        let sent = Atomic<Int64>(0)
        let first = Atomic<Int64>(.max)
        let last = Atomic<Int64>(.min)
    }

    /// Allocated once, never moved; all access is atomic.
    nonisolated(unsafe) private let places = UnsafeMutablePointer<Place>.allocate(capacity: capacity)

    init() {
        for index in 0..<Self.capacity { (places + index).initialize(to: Place()) }
    }

    deinit { places.deinitialize(count: Self.capacity).deallocate() }

    func note(_ payload: RawSpan, at now: Instant) {
        guard let key = Self.key(payload) else { return }
        let place = places + Int(key & UInt64(Self.capacity - 1))
        place.pointee.key.store(0, ordering: .relaxed)
        place.pointee.sent.store(now.nanoseconds, ordering: .releasing)
        place.pointee.first.store(.max, ordering: .releasing)
        place.pointee.last.store(.min, ordering: .releasing)
        place.pointee.key.store(key, ordering: .releasing)
    }

    /// When a packet with this payload was sent; nil when it is not known. What is said to arrive is also remembered as
    /// having arrived somewhere at that time.
    func time(of payload: RawSpan, arriving arrival: Instant? = nil) -> Instant? {
        guard let key = Self.key(payload) else { return nil }
        let place = places + Int(key & UInt64(Self.capacity - 1))
        guard place.pointee.key.load(ordering: .acquiring) == key else { return nil }
        let time = place.pointee.sent.load(ordering: .acquiring)
        guard place.pointee.key.load(ordering: .acquiring) == key else { return nil }
        if let arrival {
            place.pointee.first.min(arrival.nanoseconds, ordering: .relaxed)
            place.pointee.last.max(arrival.nanoseconds, ordering: .relaxed)
        }
        return Instant(nanoseconds: time)
    }

    /// How long the packets sent in this time took to the first viewer that got them, and to the last.
    func spread(from start: Instant, to end: Instant) -> (first: LatencyDistribution, last: LatencyDistribution) {
        var spread = (first: LatencyDistribution(), last: LatencyDistribution())
        for index in 0..<Self.capacity {
            let sent = places[index].sent.load(ordering: .acquiring)
            let last = places[index].last.load(ordering: .acquiring)
            guard sent >= start.nanoseconds, sent < end.nanoseconds, last != .min else { continue }
            spread.first.record(nanoseconds: places[index].first.load(ordering: .acquiring) - sent)
            spread.last.record(nanoseconds: last - sent)
        }
        return spread
    }

    /// The last 16 bytes and the length, mixed; nil for less, which is no picture.
    private static func key(_ payload: RawSpan) -> UInt64? {
        let count = payload.byteCount
        guard count >= 24 else { return nil }
        return payload.withUnsafeBytes { bytes in
            let a = bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
            let b = bytes.loadUnaligned(fromByteOffset: count - 16, as: UInt64.self)
            var mixed = (a ^ (b &* 0x9E37_79B9_7F4A_7C15)) &+ UInt64(count)
            mixed = (mixed ^ (mixed >> 31)) &* 0xBF58_476D_1CE4_E5B9
            return max(1, mixed ^ (mixed >> 29))
        }
    }
}
