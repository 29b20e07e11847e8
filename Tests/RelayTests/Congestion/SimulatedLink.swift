import Media

/// A line with a bottleneck: a queue of limited length before it, a delay behind it, and losses.
struct SimulatedLink {
    /// Bits a second.
    var rate: Int
    /// One way.
    var delay = Duration.milliseconds(25)
    /// The queue holds what takes this long to send; more is dropped.
    var queue = Duration.milliseconds(500)
    /// Of packets, at random.
    var loss = 0.0
    /// Bits a second that others send over the line.
    var crossTraffic = 0
    /// The delay varies by up to this, without reordering.
    var jitter = Duration.zero

    /// Bits waiting.
    private var backlog = 0.0
    private var last = Instant(nanoseconds: 0)
    private var lastArrival = Instant(nanoseconds: 0)

    init(rate: Int) {
        self.rate = rate
    }

    /// How long a packet that comes now waits.
    var queueing: Duration { .seconds(backlog / Double(rate)) }

    /// When a packet of `size` bytes arrives; nil when it does not.
    mutating func send(_ size: Int, now: Instant, using generator: inout some RandomNumberGenerator) -> Instant? {
        let elapsed = (now - last).inSeconds
        last = now
        backlog = max(0, backlog + Double(crossTraffic - rate) * elapsed)
        let isLost = Double.random(in: 0..<1, using: &generator) < loss
        guard queueing <= queue else { return nil }
        backlog += Double(8 * size)
        guard !isLost else { return nil }
        let extra = jitter.inSeconds * Double.random(in: 0...1, using: &generator)
        lastArrival = max(lastArrival, now + queueing + delay + .seconds(extra))
        return lastArrival
    }
}
