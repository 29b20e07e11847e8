package import Media

/// What a receiver report says about one source (RFC 3550 §6.4.1, §A.3, §A.8).
///
/// Departs from A.8: jitter is taken from the first packet of each timestamp only. A video frame's packets share one, and how
/// the sender paces them is not jitter of the network.
package struct ReceiveStatistics: Sendable {
    package let clockRate: Int64
    private var base: Int64?
    private var highest: Int64 = 0
    private var received: Int64 = 0
    private var expectedBefore: Int64 = 0
    private var receivedBefore: Int64 = 0
    private var transit: Int64 = 0
    private var lastTimestamp: UInt32 = 0
    /// Sixteen times the jitter, in clock units.
    private var scaledJitter: Int64 = 0

    package init(clockRate: Int) {
        self.clockRate = Int64(clockRate)
    }

    /// A packet of the source itself: not one that came over its retransmission stream.
    package mutating func receive(_ sequence: Int64, timestamp: UInt32, arrival: Instant) {
        received += 1
        guard base != nil else {
            base = sequence
            highest = sequence
            lastTimestamp = timestamp
            transit = ticks(arrival) &- Int64(timestamp)
            return
        }
        guard sequence > highest else { return }
        highest = sequence
        guard timestamp != lastTimestamp else { return }
        let transit = ticks(arrival) &- Int64(timestamp)
        // The RTP timestamp wraps, so only the low 32 bits of a difference mean anything.
        let difference = Int64(Int32(truncatingIfNeeded: transit &- self.transit))
        scaledJitter += abs(difference) - ((scaledJitter + 8) >> 4)
        self.transit = transit
        lastTimestamp = timestamp
    }

    /// In clock units.
    package var jitter: UInt32 { UInt32(clamping: scaledJitter >> 4) }

    /// Packets lost since the start; duplicates make it smaller.
    package var cumulativeLost: Int64 { base.map { highest - $0 + 1 - received } ?? 0 }

    /// The block for the next report; begins a new interval for the fraction lost. nil before the first packet.
    package mutating func reportBlock(
        ssrc: UInt32, lastReport: SenderReportSample?, now: Instant
    ) -> ReportBlock? {
        guard let base else { return nil }
        let expected = highest - base + 1
        let expectedNow = expected - expectedBefore
        let lostNow = expectedNow - (received - receivedBefore)
        expectedBefore = expected
        receivedBefore = received
        return ReportBlock(
            ssrc: ssrc,
            fractionLost: expectedNow > 0 && lostNow > 0 ? UInt8(clamping: (lostNow << 8) / expectedNow) : 0,
            cumulativeLost: Int32(max(-0x80_0000, min(cumulativeLost, 0x7F_FFFF))),
            highestSequence: UInt32(truncatingIfNeeded: highest), jitter: jitter,
            lastSR: lastReport.map { NTPTime(rawValue: $0.ntp).middle } ?? 0,
            delaySinceLastSR: lastReport.map { (now - $0.arrival).ntpShort } ?? 0)
    }

    private func ticks(_ instant: Instant) -> Int64 {
        let (seconds, rest) = instant.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return seconds &* clockRate &+ rest * clockRate / 1_000_000_000
    }
}
