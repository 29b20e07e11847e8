import Media

/// Whether the one-way delay to a viewer grows: the slope of a line through the last delays, against a threshold that
/// adapts itself to how much delay varies on this path anyway (draft-ietf-rmcat-gcc-02 §5.4; the line in place of the
/// draft's Kalman filter is what browsers use).
package struct DelayTrend: Sendable {
    package enum Usage: Sendable, Equatable {
        case normal
        /// A queue builds up: more is sent than the path carries.
        case over
        /// A queue drains.
        case under
    }

    private static let window = 20
    /// How much of the smoothed delay each new one leaves.
    private static let smoothing = 0.9
    /// From slope to milliseconds, to be compared with the threshold.
    private static let gain = 4.0
    private static let maximumCount = 60
    /// A slope has to persist for longer than this to be believed, in milliseconds.
    private static let persistence = 10.0
    private static let thresholdRange = 6.0...600.0
    /// Adaptation a millisecond, upward and downward (§5.4, K_u and K_d).
    private static let thresholdUp = 0.0087
    private static let thresholdDown = 0.039

    /// Arrival and smoothed delay, both in milliseconds; a ring.
    private var points = InlineArray<20, (x: Double, y: Double)>(repeating: (0, 0))
    private var count = 0
    private var start: Instant?
    private var delay = 0.0
    private var smoothed = 0.0
    private var threshold = 12.5
    private var lastArrival: Instant?
    private var previous = 0.0
    /// Milliseconds that the slope has been above the threshold, and in how many steps.
    private var over: (milliseconds: Double, steps: Int) = (0, 0)
    package private(set) var usage = Usage.normal

    package init() {}

    package mutating func receive(_ step: PacketGroups.Step) {
        let start = start ?? step.arrival
        self.start = start
        delay += (step.arrived - step.sent).inSeconds * 1000
        smoothed = Self.smoothing * smoothed + (1 - Self.smoothing) * delay
        points[count % Self.window] = ((step.arrival - start).inSeconds * 1000, smoothed)
        count += 1
        guard count >= Self.window else { return }
        judge(slope: Self.slope(points.span), after: step.sent.inSeconds * 1000, arrival: step.arrival)
    }

    /// By least squares; milliseconds of delay a millisecond.
    private static func slope(_ points: Span<(x: Double, y: Double)>) -> Double {
        var (meanX, meanY) = (0.0, 0.0)
        for i in points.indices {
            meanX += points[i].x
            meanY += points[i].y
        }
        meanX /= Double(points.count)
        meanY /= Double(points.count)
        var (numerator, denominator) = (0.0, 0.0)
        for i in points.indices {
            let x = points[i].x - meanX
            numerator += x * (points[i].y - meanY)
            denominator += x * x
        }
        return denominator > 0 ? numerator / denominator : 0
    }

    private mutating func judge(slope: Double, after milliseconds: Double, arrival: Instant) {
        let trend = Double(min(count, Self.maximumCount)) * slope * Self.gain
        if trend > threshold {
            // The first step above counts half: it rose somewhere within.
            over.milliseconds += over.steps == 0 ? milliseconds / 2 : milliseconds
            over.steps += 1
            if over.milliseconds > Self.persistence, over.steps > 1, slope >= previous {
                over = (0, 0)
                usage = .over
            }
        } else {
            over = (0, 0)
            usage = trend < -threshold ? .under : .normal
        }
        previous = slope
        adapt(to: abs(trend), arrival: arrival)
    }

    private mutating func adapt(to trend: Double, arrival: Instant) {
        defer { lastArrival = arrival }
        // A sudden leap is the path's doing and does not make it a path of leaps.
        guard let lastArrival, trend <= threshold + 15 else { return }
        let elapsed = min(100, max(0, (arrival - lastArrival).inSeconds * 1000))
        let factor = trend < threshold ? Self.thresholdDown : Self.thresholdUp
        threshold += factor * (trend - threshold) * elapsed
        threshold = min(max(threshold, Self.thresholdRange.lowerBound), Self.thresholdRange.upperBound)
    }
}
