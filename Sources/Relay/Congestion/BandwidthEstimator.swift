package import Media

/// What one viewer's line can carry, from the fate of the packets sent over it. All rates are bits a second and count
/// what IP and UDP add.
///
/// A viewer whose connection has transport-wide feedback is judged by delay and loss; one without by the loss in
/// its receiver reports. In both cases a REMB, if the client sends any, is an upper limit.
package struct BandwidthEstimator: Sendable {
    /// Where an estimate begins: high, since most lines carry a stream, and a viewer whose line could not be looked at
    /// (`LineTest`) is to see the best of it at once. A line that does not shows it within a few hundred milliseconds.
    package static let initial = 10_000_000
    package static let minimum = 20_000
    package static let maximum = 100_000_000
    /// While packets leave and none is reported on for this long, the line is taken to be worse than thought.
    package static let feedbackTimeout = Duration.seconds(1)
    /// What a REMB says counts for this long.
    private static let rembLifetime = Duration.seconds(10)

    private var groups = PacketGroups()
    private var trend = DelayTrend()
    private var acknowledged = AcknowledgedRate()
    private var busy = BusyPeriod()
    private var control = RateControl(rate: Self.initial)
    private var lossLimit = LossLimit()
    private var remb: (rate: Int, at: Instant)?
    private var lastFeedback: Instant?
    private var lastTrouble: Instant?
    /// Of transport feedback: from a packet's leaving to the report on it; nil before the first.
    package var roundTrip: Duration? { lastFeedback == nil ? nil : smoothedRoundTrip }
    private var smoothedRoundTrip = Duration.milliseconds(100)

    package init() {}

    /// Bits a second.
    package private(set) var bandwidth = Self.initial
    /// The line has shown what it carries: it was full, or a probe came through.
    package private(set) var isKnown = false
    /// Bits a second that arrive; nil while unknown.
    package var acknowledgedRate: Int? { acknowledged.rate }
    /// 0…1, nil while unknown.
    package var loss: Double? { lossLimit.loss }
    /// Nothing has spoken of a full line for a second.
    package func isCalm(_ now: Instant) -> Bool {
        guard let lastTrouble else { return true }
        return now - lastTrouble >= .seconds(1)
    }

    /// What a transport-wide feedback said, in the order the packets were sent.
    package mutating func receive(_ reports: [PacketReport], now: Instant) {
        guard !reports.isEmpty else { return }
        lastFeedback = now
        if let newest = reports.last(where: { $0.arrival != nil }) { learn(roundTrip: now - newest.sent) }
        var lost = 0
        for report in reports {
            guard let arrival = report.arrival else {
                lost += 1
                continue
            }
            acknowledged.receive(size: report.size, arrival: arrival)
            busy.receive(report, arrival: arrival)
            if let step = groups.receive(sent: report.sent, arrival: arrival) { trend.receive(step) }
        }
        let arriving = acknowledged.rate
        control.update(
            trend.usage, acknowledged: arriving, whileBusy: busy.rate, roundTrip: smoothedRoundTrip, now: now)
        lossLimit.receive(
            lost: lost, total: reports.count, arriving: arriving, estimate: Double(bandwidth),
            roundTrip: smoothedRoundTrip,
            now: now)
        if trend.usage == .over { lastTrouble = now }
        settle(now)
    }

    /// The share that a receiver report says was lost of all that this connection sends, for connections without
    /// transport-wide feedback.
    ///
    /// - Parameter sending: bits a second that leave.
    package mutating func receive(fractionLost: Double, sending: Int, now: Instant) {
        lossLimit.receive(
            fractionLost: fractionLost, arriving: Int(Double(sending) * (1 - fractionLost)),
            estimate: Double(bandwidth), roundTrip: smoothedRoundTrip, now: now)
        settle(now)
    }

    package mutating func receive(remb: REMB, now: Instant) {
        self.remb = (Int(clamping: remb.bitrate), now)
        settle(now)
    }

    /// A first look showed that the line carries no more than this, in bits a second; a little room is left, as after a
    /// queue.
    package mutating func begin(under rate: Int, now: Instant) {
        control.set(min(bandwidth, Int(Double(rate) * RateControl.decrease)))
        settle(now)
    }

    /// A probe arrived at this rate.
    package mutating func probed(_ rate: Int, now: Instant) {
        guard rate > bandwidth else { return }
        control.set(rate)
        lossLimit.lift(to: rate)
        settle(now)
    }

    /// Notices that feedback stays away. `lastSent` is when the last packet left.
    package mutating func advance(to now: Instant, lastSent: Instant?) {
        guard let last = lastFeedback, let lastSent, lastSent > last,
            now - last >= Self.feedbackTimeout + smoothedRoundTrip
        else { return }
        // As if a feedback had come: the next one has to stay away as long again.
        lastFeedback = now
        lastTrouble = now
        control.set(max(Self.minimum, bandwidth / 2))
        settle(now)
    }

    private mutating func learn(roundTrip sample: Duration) {
        guard sample > .zero else { return }
        smoothedRoundTrip = smoothedRoundTrip * 0.875 + min(sample, .seconds(2)) * 0.125
    }

    private mutating func settle(_ now: Instant) {
        var rate = control.rate
        if let limit = lossLimit.limit, limit < rate {
            rate = limit
            if lossLimit.loss ?? 0 > LossLimit.lowerAbove { lastTrouble = now }
        }
        if let remb, now - remb.at < Self.rembLifetime { rate = min(rate, Double(remb.rate)) }
        let former = bandwidth
        defer { isKnown = isKnown || bandwidth != former }
        bandwidth = min(max(Int(rate), Self.minimum), Self.maximum)
    }
}
