package import Media

/// Moves a source's RTP timestamps onto one outgoing timeline that never jumps, whatever source it comes from next.
///
/// A new source (another layer, a publisher who came back, the end of a pause) is put where it belongs by the sender
/// reports of both sources, which share the publisher's NTP clock (RFC 3550 §6.4.1); without both, or when they
/// contradict the arrival times by more than `tolerance`, by arrival times alone. The first timestamp of a new source is at
/// least a millisecond after the newest one sent.
package struct TimestampRewriter: Sendable {
    /// How far NTP times are believed against arrival times.
    package static let tolerance = Duration.seconds(1)

    package let clockRate: Int64
    /// Outgoing − source, modulo 2³².
    package private(set) var offset: UInt32
    /// The newest outgoing timestamp and when its packet arrived.
    private var last: (timestamp: UInt32, arrival: Instant)?
    /// The newest sender report of the source being forwarded.
    package private(set) var reference: SenderReportSample?
    /// Where frames of the past were put that were sent to catch up.
    private var timeline = ReplayTimeline()

    /// - Parameter first: the outgoing timestamp of the first packet.
    package init(clockRate: Int, first: UInt32) {
        self.clockRate = Int64(clockRate)
        offset = first
    }

    /// A sender report of the source that is being forwarded.
    package mutating func note(_ report: SenderReportSample) {
        reference = report
    }

    /// Begins a new source with its first packet; `report` is the newest known of that source.
    package mutating func restart(at timestamp: UInt32, arrival: Instant, report: SenderReportSample?) {
        defer { reference = report }
        timeline.removeAll()
        guard let last else {
            offset = offset &- timestamp
            return
        }
        let elapsed = max(0, ticks((arrival - last.arrival).inNanoseconds))
        var advance = elapsed
        if let old = reference, let new = report {
            let onNTP = distanceByNTP(from: old, to: new, at: timestamp, last: last.timestamp)
            if abs(onNTP - elapsed) <= ticks(Self.tolerance.inNanoseconds) { advance = onNTP }
        }
        advance = max(advance, clockRate / 1000)
        offset = last.timestamp &+ UInt32(truncatingIfNeeded: advance) &- timestamp
    }

    /// The outgoing timestamp for `timestamp`.
    package mutating func rewrite(_ timestamp: UInt32, arrival: Instant) -> UInt32 {
        if let replayed = timeline.place(of: timestamp) { return replayed }
        timeline.observe(live: timestamp)
        let result = timestamp &+ offset
        if let last, Int32(bitPattern: result &- last.timestamp) < 0 { return result }
        last = (result, arrival)
        return result
    }

    /// The source goes on from an earlier place: what follows is replayed.
    package mutating func rewind() {
        timeline.removeAll()
    }

    /// The outgoing timestamp for a frame of the past.
    ///
    /// - Parameter live: the newest packet of the same source, in whose place the next one from elsewhere would follow.
    package mutating func replay(_ timestamp: UInt32, live: (timestamp: UInt32, arrival: Instant)) -> UInt32 {
        let result = timeline.place(timestamp, live: live.timestamp, offset: offset, after: last?.timestamp)
        let end = live.timestamp &+ offset
        if let last, Int32(bitPattern: end &- last.timestamp) < 0 { return result }
        last = (Int32(bitPattern: result &- end) > 0 ? result : end, live.arrival)
        return result
    }

    /// The outgoing timestamp of a packet without content.
    package func place(of timestamp: UInt32) -> UInt32 {
        timeline.place(of: timestamp) ?? timestamp &+ offset
    }

    /// Ticks from the newest outgoing timestamp to where the new source's `timestamp` belongs.
    private func distanceByNTP(
        from old: SenderReportSample, to new: SenderReportSample, at timestamp: UInt32, last: UInt32
    ) -> Int64 {
        let between = Int64(bitPattern: new.ntp &- old.ntp)
        let sinceReport = Int64(Int32(bitPattern: timestamp &- new.timestamp))
        let lastSinceReport = Int64(Int32(bitPattern: last &- (old.timestamp &+ offset)))
        return Self.ticks(ntp: between, clockRate: clockRate) &+ sinceReport &- lastSinceReport
    }

    private func ticks(_ nanoseconds: Int64) -> Int64 {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return seconds &* clockRate &+ rest * clockRate / 1_000_000_000
    }

    /// Clock units in a signed 32.32 span of seconds.
    private static func ticks(ntp: Int64, clockRate: Int64) -> Int64 {
        (ntp >> 32) &* clockRate &+ ((ntp & 0xFFFF_FFFF) &* clockRate) >> 32
    }
}
