/// The retransmission timeout of a path from its round-trip times (RFC 9260 §6.3.1), within the configured bounds.
struct RetransmissionTimeout {
    private(set) var current: Duration
    private let bounds: ClosedRange<Duration>
    /// Nil before the first measurement.
    private(set) var smoothed: Duration?
    private var variation: Duration = .zero

    init(_ configuration: SCTPConfiguration) {
        let low = configuration.minRetransmissionTimeout
        bounds = low...max(low, configuration.maxRetransmissionTimeout)
        current = configuration.initialRetransmissionTimeout
    }

    mutating func measure(_ roundTrip: Duration) {
        let sample = max(roundTrip, .zero)
        if let smoothed {
            let error = smoothed > sample ? smoothed - sample : sample - smoothed
            variation = (variation * 3 + error) / 4
            self.smoothed = (smoothed * 7 + sample) / 8
        } else {
            smoothed = sample
            variation = sample / 2
        }
        current = clamped(smoothed! + variation * 4)
    }

    /// After a timeout.
    mutating func backOff() {
        current = clamped(current * 2)
    }

    private func clamped(_ value: Duration) -> Duration {
        min(max(value, bounds.lowerBound), bounds.upperBound)
    }
}
