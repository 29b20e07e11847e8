import Media

/// What one viewer's line carries, and what follows from it for the tracks that they get.
struct ViewerLine {
    /// How much of the video that a viewer wants they do without.
    enum Constraint: Sendable {
        case none
        /// A lower layer or frame rate than wanted.
        case reduced
        /// A track or more is not sent.
        case paused
    }

    var control = CongestionControl()
    /// nil: at the next opportunity.
    var nextAllocation: Instant?
    /// When the next packet of a probe is due.
    var nextProbe: Instant?
    /// The connection can carry something.
    var isReady = false
    /// The client reports by transport-wide numbers.
    var hasTransportWideFeedback = false
    var constraint = Constraint.none
    var pausedTracks = 0
    /// Redundant sound takes so little of the line that it goes out.
    var admitsRedundancy: Bool { redundancyWaitsFor == nil }
    /// Bits a second of the line at which it goes out again; nil while it does.
    private(set) var redundancyWaitsFor: Int?
    /// For clients without: what had been sent at their last report.
    var sent: (bytes: UInt64, at: Instant)?

    /// Bits a second; nil as long as nothing is known.
    var rate: Int? { control.isKnown ? control.bandwidth : nil }

    /// Bits a second that sound takes, when shares were last settled.
    var sound = 0

    /// What is sent at a pace goes out at this rate: what sound leaves of a little more than the estimate, which is careful.
    /// Bits a second.
    var pace: Int? { rate.map { max($0 * 5 / 4 - sound, $0 / 2) } }

    /// Redundancy may take a quarter of the line, and has to have come below a fifth before it is sent again: a picture is
    /// worth more than that, and on a full line it would make what it mends.
    ///
    /// - Parameter rate: bits a second that it takes, beside the sound itself.
    mutating func judge(redundancy: Int) {
        guard let rate else { return }
        redundancyWaitsFor = redundancy * (admitsRedundancy ? 4 : 5) <= rate ? nil : redundancy * 5
    }
}

/// From feedback to an estimate, from the estimate to layers.
extension OutgoingTracks {
    /// While something is held back; else now and then, for tracks grow.
    private static let allocationInterval = Duration.milliseconds(100)
    private static let idleInterval = Duration.milliseconds(500)
    /// Bits a second that are kept for a track of sound even while it is silent.
    private static let minimumSound = 32_000
    /// Bytes of a keyframe that leave at once: a few packets.
    static let pacedBurst = 4000
    /// Bytes of a probe on the line: an authentication tag, UDP and IP come to it.
    private static let probeSize =
        Rewrite.probeLength + Rewrite.tagLength + TransportSequencer.packetOverhead

    /// When there is something to do before the next round.
    var nextTimeout: Instant? {
        guard let nextSend, let nextProbe = line.nextProbe else { return nextSend ?? line.nextProbe }
        return min(nextSend, nextProbe)
    }

    func receive(_ feedback: TransportFeedback, on transport: Transport, now: Instant, outbox: Outbox) {
        let reports = transport.sequencer.receive(feedback, now: now)
        guard !reports.isEmpty else { return }
        line.hasTransportWideFeedback = true
        change(on: transport, now: now, outbox: outbox) { $0.receive(reports, now: now) }
    }

    func receive(_ remb: REMB, on transport: Transport, now: Instant, outbox: Outbox) {
        change(on: transport, now: now, outbox: outbox) { $0.receive(remb: remb, now: now) }
    }

    /// What the viewer says that the line carries, in bits a second; nil: whatever is found out.
    func limit(_ rate: Int?, on transport: Transport, now: Instant, outbox: Outbox) {
        line.nextAllocation = nil
        change(on: transport, now: now, outbox: outbox) { $0.limit = rate }
        // More counts at once as well, or a keyframe might wait for a pace that nobody knows.
        allocateIfDue(now, on: transport, outbox: outbox)
        isUnsettled = true
    }

    /// A receiver report, from a client that has nothing better.
    func receive(fractionLost: Double, now: Instant) {
        guard !line.hasTransportWideFeedback else { return }
        let bytes = entries.values.reduce(UInt64(0)) { sum, entry in
            sum + entry.subscription.statistics.bytes
                + entry.subscription.statistics.packets * UInt64(CatchUp.packetOverhead)
        }
        defer { line.sent = (bytes, now) }
        // Tracks that ended took their bytes along; a report so soon after another says nothing of rates.
        guard let sent = line.sent, bytes >= sent.bytes, now - sent.at > .milliseconds(200) else { return }
        let rate = Double(8 * (bytes - sent.bytes)) / (now - sent.at).inSeconds
        line.control.receive(fractionLost: fractionLost, sending: Int(rate), now: now)
        line.nextAllocation = nil
        isUnsettled = true
    }

    /// What lowers the estimate, or ends the first look, takes effect at once.
    private func change(
        on transport: Transport, now: Instant, outbox: Outbox, _ body: (inout CongestionControl) -> Void
    ) {
        let (before, wasTesting) = (line.control.bandwidth, line.control.isTesting)
        body(&line.control)
        let isTested = wasTesting && !line.control.isTesting
        guard line.control.bandwidth < before || isTested else { return }
        line.nextAllocation = nil
        allocateIfDue(now, on: transport, outbox: outbox)
        // A better picture that is cached begins at once.
        if isTested { advance(to: now, on: transport, outbox: outbox) }
        isUnsettled = true
    }

    func allocateIfDue(_ now: Instant, on transport: Transport, outbox: Outbox) {
        defer { probe(now, on: transport, outbox: outbox) }
        if let due = line.nextAllocation, due > now { return }
        var demands: [LayerAllocator.Demand] = []
        let (loss, isFull) = (line.control.loss, !line.control.isCalm(now))
        for (track, entry) in entries {
            entry.subscription.setLoss(loss, lineIsFull: isFull, now: now)
            guard entry.feed.codec.isVideo else { continue }
            if let demand = demand(track, entry) {
                demands.append(demand)
            } else {
                grant(.unlimited, to: entry)
            }
        }
        line.sound = reserveSound()
        let grants = line.control.allocate(
            demands, reserved: line.sound,
            lastSent: line.hasTransportWideFeedback ? transport.sequencer.lastSent : nil,
            canBeginSmall: transport.isReady && canBeginSmall(demands), now: now)
        line.pausedTracks = 0
        if let pace = line.pace { pacer?.limit(to: pace) }
        for (track, grant) in grants {
            guard let entry = entries[track] else { continue }
            self.grant(grant, to: entry)
            entry.subscription.pacesKeyframes = line.rate != nil
            entry.subscription.limitRetransmissions(to: line.rate)
            if grant == .paused { line.pausedTracks += 1 }
        }
        let isMissing = line.control.missing != nil
        let isShort = isMissing || line.control.isTesting
        line.nextAllocation = now + (isShort ? Self.allocationInterval : Self.idleInterval)
        let constraint: ViewerLine.Constraint = line.pausedTracks > 0 ? .paused : isMissing ? .reduced : .none
        if constraint != line.constraint {
            line.constraint = constraint
            outbox.events.append(.constrained(transport.setup.id, constraint))
        }
    }

    /// Whether the line can be looked at before any picture larger than the smallest begins.
    private func canBeginSmall(_ demands: [LayerAllocator.Demand]) -> Bool {
        line.control.mayTest && probeCarrier != nil
            && demands.allSatisfy { demand in
                entries[demand.track]?.subscription.currentLayer ?? 0 <= demand.ladder.first?.layer ?? 0
            }
    }

    /// Bits a second that sound is to have, after it was settled which of it is redundant.
    private func reserveSound() -> Int {
        var sound = 0
        var redundancy = 0
        for entry in entries.values where !entry.feed.codec.isVideo {
            let rates = entry.feed.rates[0].load()
            sound += rates[0] > 0 ? max(rates[0], Self.minimumSound) : 0
            if entry.subscription.readsRedundancy { redundancy += rates[3] - rates[0] }
        }
        line.judge(redundancy: redundancy)
        for entry in entries.values where entry.subscription.readsRedundancy {
            entry.subscription.setAdmitsRedundancy(line.admitsRedundancy)
        }
        return line.admitsRedundancy ? sound + redundancy : sound
    }

    private func demand(_ track: TrackID, _ entry: Entry) -> LayerAllocator.Demand? {
        guard let wanted = entry.subscription.wishedLayer else { return nil }
        let pixels =
            if case .size(let width, let height) = entry.subscription.wanted { width * height } else {
                // Not stated: more than any size, the better the quality asked for.
                (1 << 30) + wanted
            }
        return LayerAllocator.Demand(
            track: track, importance: entry.isScreenShare ? .screenShare : .camera(pixels: pixels), wanted: wanted,
            ladder: LayerStep.ladder(
                entry.feed.rates.map { $0.load() }, upTo: wanted,
                hasTemporalLayers: entry.feed.codec == .video(.vp8)))
    }

    private func grant(_ grant: LayerAllocator.Grant, to entry: Entry) {
        switch grant {
        case .unlimited:
            entry.subscription.setLimit(.none)
            entry.subscription.setMaximumTemporalLayer(3)
        case .step(let layer, let temporalLayer):
            entry.subscription.setLimit(line.control.isTesting ? .beginning(layer) : .layer(layer))
            entry.subscription.setMaximumTemporalLayer(temporalLayer)
        case .paused:
            entry.subscription.setLimit(.nothing)
        }
    }

    /// Tracks that have fallen behind are sent at the line's pace.
    func paceThoseBehind(_ now: Instant) {
        guard pacer == nil, let pace = line.pace, entries.values.contains(where: { $0.subscription.isBehind }) else {
            return
        }
        pacer = Pacer(rate: pace, burst: Self.pacedBurst, now: now)
        nextSend = now
    }

    private var probeCarrier: Subscription? {
        entries.values.first { $0.subscription.canProbe }?.subscription
    }

    /// Sends what is due of a probe, over the retransmission stream of any track.
    func probe(_ now: Instant, on transport: Transport, outbox: Outbox) {
        line.nextProbe = nil
        guard line.hasTransportWideFeedback || line.control.isTesting, transport.isReady, let carrier = probeCarrier
        else { return }
        let packets = line.control.probe(packetSize: Self.probeSize, wanted: line.redundancyWaitsFor, now: now)
        for _ in 0..<packets {
            guard let probe = carrier.probe() else { return }
            line.control.probed(transport.send(probe: probe, outbox: outbox), now: now)
            outbox.counters.probes &+= 1
        }
        line.nextProbe = line.control.nextTimeout(packetSize: Self.probeSize)
    }
}
