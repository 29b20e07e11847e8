package import Media

/// What arrives while a queue stands in the path, which is what the path can carry. Over a longer time the average
/// of a stream with bursts is less than that, and to take it for the capacity would punish every keyframe.
package struct BusyPeriod: Sendable {
    /// Above the least delay, this much is a queue.
    private static let threshold = Duration.milliseconds(10)
    /// The least delay is that of the last one to two of these; clocks drift by less than a millisecond meanwhile.
    private static let memory = Duration.seconds(10)

    /// Between two clocks: only differences mean anything.
    private var least: Duration?
    private var formerLeast: Duration?
    private var leastSince: Instant?
    private var arriving: AcknowledgedRate?

    package init() {}

    package mutating func receive(_ report: PacketReport, arrival: Instant) {
        let delay = arrival - report.sent
        if let since = leastSince, report.sent - since < Self.memory {
            least = min(least ?? delay, delay)
        } else {
            formerLeast = least
            least = delay
            leastSince = report.sent
        }
        guard delay - min(least ?? delay, formerLeast ?? delay) > Self.threshold else {
            arriving = nil
            return
        }
        if arriving == nil { arriving = AcknowledgedRate(minimumSpan: .milliseconds(40)) }
        arriving?.receive(size: report.size, arrival: arrival)
    }

    /// Bits a second since the queue began, of the last half second at most; nil while there is none, or too short.
    package var rate: Int? { arriving?.rate }
}
