package import Media

/// Our sender reports to one viewer about one track (RFC 3550 §6.4.1), and the round trip that the viewer's receiver
/// reports tell.
///
/// Reports keep the publisher's NTP clock, so that everything of one publisher stays in step at the viewer whatever its
/// timestamps were moved by. The first goes out with the first packet, from the newest report of the publisher carried
/// forward to now, so that a late joiner need not wait for the next one to have lip sync.
package struct SenderReportRewriter: Sendable {
    /// Between two reports, unless the source changes.
    package static let interval = Duration.seconds(2)

    package let ssrc: UInt32
    /// Media packets sent, without retransmissions on another stream; wraps.
    private var packets: UInt32 = 0
    /// Their payload bytes; wraps.
    private var octets: UInt32 = 0
    /// nil when a report is due at once.
    private var next: Instant?
    /// The last reports sent: the middle bits of their NTP time and when. Newest at `newest`.
    private var sent = InlineArray<8, (middle: UInt32, at: Instant)?>(repeating: nil)
    private var newest = 0

    package init(ssrc: UInt32) {
        self.ssrc = ssrc
    }

    package mutating func count(payloadLength: Int) {
        packets &+= 1
        octets &+= UInt32(payloadLength)
    }

    /// The source changed: its timestamps are mapped anew and the viewer is to know soon.
    package mutating func restart() {
        next = nil
    }

    package func isDue(_ now: Instant) -> Bool {
        nextDue(after: now).map { $0 <= now } ?? false
    }

    /// When the next report is due; nil before the first packet.
    package func nextDue(after now: Instant) -> Instant? {
        packets > 0 ? next ?? now : nil
    }

    /// The report for now, when one is due.
    ///
    /// - Parameters:
    ///   - reference: the newest report of the source that is being forwarded.
    ///   - offset: what is added to that source's timestamps.
    package mutating func report(
        now: Instant, reference: SenderReportSample, offset: UInt32, clockRate: Int64
    ) -> SenderReport? {
        guard isDue(now) else { return nil }
        next = now + Self.interval
        let elapsed = (now - reference.arrival).inNanoseconds
        let (seconds, rest) = elapsed.quotientAndRemainder(dividingBy: 1_000_000_000)
        let ntp = Int64(bitPattern: reference.ntp) &+ seconds << 32 &+ (rest << 32) / 1_000_000_000
        let ticks = seconds &* clockRate &+ rest * clockRate / 1_000_000_000
        let time = NTPTime(rawValue: UInt64(bitPattern: ntp))
        newest = (newest + 1) % 8
        sent[newest] = (time.middle, now)
        return SenderReport(
            ssrc: ssrc, ntp: time.rawValue,
            rtpTimestamp: reference.timestamp &+ offset &+ UInt32(truncatingIfNeeded: ticks),
            packetCount: packets, octetCount: octets)
    }

    /// The round trip by a viewer's report block: from sending our report to receiving this, less the time the viewer
    /// held it. Measured on our own clock, since the reports carry the publisher's. nil when it answers none of ours.
    package func roundTrip(_ block: ReportBlock, now: Instant) -> Duration? {
        guard block.lastSR != 0 else { return nil }
        for index in 0..<8 {
            guard let report = sent[index], report.middle == block.lastSR else { continue }
            let roundTrip = now - report.at - Duration(ntpShort: block.delaySinceLastSR)
            return roundTrip >= .zero ? roundTrip : nil
        }
        return nil
    }
}
