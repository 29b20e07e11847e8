import Media
import Synchronization

/// When each packet left its publisher, found again by its payload's last bytes: no server changes these, whatever it
/// does to headers, so the latency of any server is measured alike. Written by the publishers' threads, read by the
/// viewers'; a place is overwritten by the next packet that falls on it, and a reader that meets this finds nothing.
final class SendTimes: Sendable {
    /// Packets remembered, a power of two: some 80 s of a 720p stream.
    private static let capacity = 1 << 15

    /// Allocated once, never moved; all access is atomic.
    nonisolated(unsafe) private let keys = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: capacity)
    nonisolated(unsafe) private let times = UnsafeMutablePointer<Atomic<Int64>>.allocate(capacity: capacity)

    init() {
        for index in 0..<Self.capacity {
            (keys + index).initialize(to: Atomic(0))
            (times + index).initialize(to: Atomic(0))
        }
    }

    deinit {
        keys.deinitialize(count: Self.capacity).deallocate()
        times.deinitialize(count: Self.capacity).deallocate()
    }

    func note(_ payload: RawSpan, at now: Instant) {
        guard let key = Self.key(payload) else { return }
        let place = Int(key & UInt64(Self.capacity - 1))
        keys[place].store(0, ordering: .relaxed)
        times[place].store(now.nanoseconds, ordering: .releasing)
        keys[place].store(key, ordering: .releasing)
    }

    /// When a packet with this payload was sent; nil when it is not known.
    func time(of payload: RawSpan) -> Instant? {
        guard let key = Self.key(payload) else { return nil }
        let place = Int(key & UInt64(Self.capacity - 1))
        guard keys[place].load(ordering: .acquiring) == key else { return nil }
        let time = times[place].load(ordering: .acquiring)
        guard keys[place].load(ordering: .acquiring) == key else { return nil }
        return Instant(nanoseconds: time)
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
