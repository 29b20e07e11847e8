package import Media

/// One viewer's congestion control: the estimate, what is sent of each video track under it, and the probes that find
/// out whether there is room for more. A value without I/O; whoever owns the connection carries out what it says.
package struct CongestionControl: Sendable {
    private var estimator = BandwidthEstimator()
    private var prober = BandwidthProber()
    private var allocator = LayerAllocator()

    package init() {}

    /// Bits a second that the viewer's line is believed to carry, with IP and UDP headers.
    package var bandwidth: Int { estimator.bandwidth }
    /// Something has been learnt of the line.
    package var isKnown: Bool { estimator.isKnown }
    /// Share of the packets lost in the last second at most, 0...1; nil while there is too little to tell.
    package var loss: Double? { estimator.loss }
    /// Nothing has spoken of a full line for a second, so that what gets lost is not lost by being too much.
    package func isCalm(_ now: Instant) -> Bool { estimator.isCalm(now) }
    /// Bits a second that everything wanted would take; nil when all of it is sent.
    package var missing: Int? { allocator.missing }

    /// What `TransportSequencer.receive` made of a transport-wide feedback.
    package mutating func receive(_ reports: [PacketReport], now: Instant) {
        estimator.receive(reports, now: now)
        if let rate = prober.receive(reports, now: now) { estimator.probed(rate, now: now) }
    }

    package mutating func receive(remb: REMB, now: Instant) {
        estimator.receive(remb: remb, now: now)
    }

    /// A receiver report of a connection without transport-wide feedback; `sending` in bits a second.
    package mutating func receive(fractionLost: Double, sending: Int, now: Instant) {
        estimator.receive(fractionLost: fractionLost, sending: sending, now: now)
    }

    /// Shares the line out anew. `lastSent` is when the last packet with a transport-wide number left, `reserved`
    /// what sound takes, in bits a second.
    package mutating func allocate(
        _ demands: [LayerAllocator.Demand], reserved: Int, lastSent: Instant?, now: Instant
    ) -> [TrackID: LayerAllocator.Grant] {
        estimator.advance(to: now, lastSent: lastSent)
        return allocator.allocate(demands, bandwidth: bandwidth, reserved: reserved, now: now)
    }

    /// Packets of padding to send now, each of `packetSize` bytes on the line. Each is to be told to `probed`.
    ///
    /// - Parameter wanted: bits a second at which something else than video is waiting; nil when nothing is.
    package mutating func probe(packetSize: Int, wanted: Int? = nil, now: Instant) -> Int {
        prober.poll(
            now, bandwidth: bandwidth, wanted: max(missing ?? 0, wanted ?? 0),
            isCalm: estimator.isCalm(now), packetSize: packetSize)
    }

    /// A packet that `probe` asked for has left.
    package mutating func probed(_ sequence: UInt16, now: Instant) {
        prober.sent(sequence, now: now)
    }

    /// When `probe` has the next packet of a probe to send.
    package func nextTimeout(packetSize: Int) -> Instant? {
        prober.nextTimeout(packetSize: packetSize)
    }
}
