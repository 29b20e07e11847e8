import Media

/// Freezes as WebRTC's statistics define them (webrtc-stats §8.3, `freezeCount`): a picture that comes later than three
/// times the usual interval, or 150 ms more than it, whichever is more.
struct FrameRhythm: Sendable {
    private(set) var frames = 0
    private(set) var freezes = 0
    private(set) var frozen = Duration.zero
    private(set) var first: Instant?
    private var last: Instant?
    /// Nanoseconds; the last thirty intervals.
    private var intervals: [Int64] = []
    private static let window = 30

    mutating func frame(at now: Instant) {
        frames += 1
        first = first ?? now
        defer { last = now }
        guard let last else { return }
        let interval = (now - last).inNanoseconds
        if intervals.count == Self.window {
            let usual = intervals.reduce(0, +) / Int64(intervals.count)
            if interval > max(3 * usual, usual + 150_000_000) {
                freezes += 1
                frozen += .nanoseconds(interval)
            }
            intervals.removeFirst()
        }
        intervals.append(interval)
    }
}
