package import Media

/// One viewer's congestion control: the estimate, what is sent of each video track under it, and the probes that find
/// out whether there is room for more. A value without I/O; whoever owns the connection carries out what it says.
package struct CongestionControl: Sendable {
    private var estimator = BandwidthEstimator()
    private var prober = BandwidthProber()
    private var allocator = LayerAllocator()
    private var start = Start.before

    /// Whether the first look at the line is still to come.
    private enum Start: Sendable {
        case before
        case testing(LineTest)
        case over
    }

    /// Bits a second that the viewer says their line carries: what is found out counts up to this. nil: all of it.
    package var limit: Int?

    package init() {}

    /// Bits a second that the viewer's line is believed to carry, with IP and UDP headers.
    package var bandwidth: Int { min(estimator.bandwidth, limit ?? .max) }
    /// Something has been learnt of the line.
    package var isKnown: Bool { estimator.isKnown || bandwidth < estimator.bandwidth }
    /// Share of the packets lost in the last second at most, 0...1; nil while there is too little to tell.
    package var loss: Double? { estimator.loss }
    /// Nothing has spoken of a full line for a second, so that what gets lost is not lost by being too much.
    package func isCalm(_ now: Instant) -> Bool { estimator.isCalm(now) }
    /// From a packet's leaving to the feedback on it; nil before there was any.
    package var roundTrip: Duration? { estimator.roundTrip }
    /// Bits a second that everything wanted would take; nil when all of it is sent.
    package var missing: Int? { allocator.missing }
    /// The line may still be looked at before anything large is sent.
    package var mayTest: Bool { if case .before = start { true } else { false } }
    /// The line is being looked at for the first time: only the lowest layers are sent.
    package var isTesting: Bool { if case .testing = start { true } else { false } }

    /// What `TransportSequencer.receive` made of a transport-wide feedback.
    package mutating func receive(_ reports: [PacketReport], now: Instant) {
        estimator.receive(reports, now: now)
        let wasIdle = prober.isIdle
        let rate = prober.receive(reports, now: now)
        guard case .testing(var test) = start else {
            if let rate { estimator.probed(rate, now: now) }
            return
        }
        if !reports.isEmpty { test.heard() }
        if !wasIdle, prober.isIdle { test.finished(rate, now: now) }
        start = .testing(test)
        endTestIfDecided(now)
    }

    package mutating func receive(remb: REMB, now: Instant) {
        estimator.receive(remb: remb, now: now)
    }

    /// A receiver report of a connection without transport-wide feedback; `sending` in bits a second.
    package mutating func receive(fractionLost: Double, sending: Int, now: Instant) {
        estimator.receive(fractionLost: fractionLost, sending: sending, now: now)
    }

    /// Shares the line out anew. `lastSent` is when the last packet with a transport-wide number left, `reserved`
    /// what sound takes, in bits a second; `canBeginSmall` says whether pictures can, while the line is looked at.
    package mutating func allocate(
        _ demands: [LayerAllocator.Demand], reserved: Int, lastSent: Instant?, canBeginSmall: Bool, now: Instant
    ) -> [TrackID: LayerAllocator.Grant] {
        estimator.advance(to: now, lastSent: lastSent)
        if canBeginSmall { beginTestIfWorthwhile(demands, reserved: reserved, now: now) }
        endTestIfDecided(now)
        if isTesting { return allocator.allocateLeast(demands) }
        return allocator.allocate(demands, bandwidth: bandwidth, reserved: reserved, now: now)
    }

    /// Packets of padding to send now, each of `packetSize` bytes on the line. Each is to be told to `probed`. What
    /// goes beyond `limit` is not looked for.
    ///
    /// - Parameter wanted: bits a second at which something else than video is waiting; nil when nothing is.
    package mutating func probe(packetSize: Int, wanted: Int? = nil, now: Instant) -> Int {
        if case .testing(var test) = start {
            guard prober.isIdle else {
                let count = prober.poll(now, bandwidth: bandwidth, wanted: nil, isCalm: true, packetSize: packetSize)
                if prober.isIdle { test.finished(nil, now: now) }
                start = .testing(test)
                return count
            }
            guard let due = test.nextRun, due <= now else { return 0 }
            prober.begin(
                target: test.target, duration: LineTest.duration, minimumShare: LineTest.minimumShare,
                packetSize: packetSize, now: now)
            return 1
        }
        return prober.poll(
            now, bandwidth: estimator.bandwidth, wanted: min(max(missing ?? 0, wanted ?? 0), limit ?? .max),
            isCalm: estimator.isCalm(now), packetSize: packetSize)
    }

    /// A packet that `probe` asked for has left.
    package mutating func probed(_ sequence: UInt16, now: Instant) {
        prober.sent(sequence, now: now)
    }

    /// When `probe` has the next packet of a probe to send.
    package func nextTimeout(packetSize: Int) -> Instant? {
        if case .testing(let test) = start, prober.isIdle { return test.nextRun }
        return prober.nextTimeout(packetSize: packetSize)
    }

    // MARK: The first look

    /// There is something to find out where a track may be sent in more than one size. What the client said by itself
    /// counts.
    private mutating func beginTestIfWorthwhile(_ demands: [LayerAllocator.Demand], reserved: Int, now: Instant) {
        guard case .before = start else { return }
        guard !isKnown else {
            start = .over
            return
        }
        guard demands.contains(where: \.hasChoice) else { return }
        let needed = LayerAllocator.needed(demands, reserved: reserved)
        // What has just begun takes nobody knows how much.
        let usual = demands.contains { $0.hasChoice && $0.ladder.isEmpty } ? LineTest.usual : 0
        start = .testing(LineTest(wanted: max(needed, usual), now: now))
    }

    private mutating func endTestIfDecided(_ now: Instant) {
        guard case .testing(let test) = start else { return }
        // A line that shows its limits by itself needs no more runs.
        guard let verdict = test.verdict(now) ?? (isKnown ? test.outcome : nil) else { return }
        start = .over
        prober = BandwidthProber()
        switch verdict {
        case .narrow(let rate): estimator.begin(under: rate, now: now)
        // What was suspected while so little was sent is refuted.
        case .good: if isKnown, let rate = test.best { estimator.probed(rate, now: now) }
        case .unknown: break
        }
    }
}
