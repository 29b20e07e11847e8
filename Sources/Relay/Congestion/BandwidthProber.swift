package import Media

/// Finds out whether a line carries more than what is sent over it: a short run of padding at a higher rate, whose
/// arrival times tell what got through. Without it a viewer on a low layer would stay there, since what is not
/// sent is not seen to arrive.
///
/// It probes only while more is wanted than the estimate allows and nothing speaks of a full line. A probe that shows
/// more room is followed by the next at once; one that does not makes the next wait longer.
package struct BandwidthProber: Sendable {
    /// What a probe aims at, in parts of the estimate.
    package static let growth = 2.0
    package static let duration = Duration.milliseconds(20)
    package static let packetCount = 5...80
    /// Between probes: the first after a success elsewhere, doubled with each that shows nothing.
    package static let interval = Duration.seconds(1)
    package static let maximumInterval = Duration.seconds(4)
    /// A probe of which less than this share arrives says nothing, where not stated otherwise.
    package static let minimumShare = 0.75
    private static let patience = Duration.seconds(1)

    private struct Run: Sendable {
        /// Bits a second.
        var target: Int
        var started: Instant
        var packets: Int
        var minimumShare: Double
        var sent = 0
        var bytes = 0
        var firstSequence: UInt16 = 0
        var lastSequence: UInt16 = 0
        /// Of everything sent while it lasted, as far as it arrived.
        var arrived: (packets: Int, bytes: Int, firstSize: Int, lastSize: Int) = (0, 0, 0, 0)
        var sentSpan: (first: Instant, last: Instant)?
        var arrivalSpan: (first: Instant, last: Instant)?

        func covers(_ sequence: UInt16) -> Bool {
            sent > 0 && sequence &- firstSequence <= lastSequence &- firstSequence
        }
    }

    private enum State: Sendable {
        case idle
        case sending(Run)
        case waiting(Run, until: Instant)
    }

    private var state = State.idle
    private var next: Instant?
    private var pause = Self.interval

    package init() {}

    /// Nothing is under way.
    package var isIdle: Bool { if case .idle = state { true } else { false } }

    /// Begins a probe now, whatever was seen so far.
    ///
    /// - Parameter target: bits a second.
    package mutating func begin(
        target: Int, duration: Duration = Self.duration, minimumShare: Double = Self.minimumShare, packetSize: Int,
        now: Instant
    ) {
        let packets = Int(Double(target) * duration.inSeconds / Double(8 * packetSize))
        state = .sending(
            Run(
                target: max(1, target), started: now,
                packets: min(max(packets, Self.packetCount.lowerBound), Self.packetCount.upperBound),
                minimumShare: minimumShare))
    }

    /// Packets of padding to send now.
    ///
    /// - Parameters:
    ///   - bandwidth: the estimate.
    ///   - wanted: bits a second with which everything that is wanted could be sent; nil when nothing is missing.
    ///   - isCalm: nothing speaks of a full line.
    ///   - packetSize: bytes of one packet of padding on the line.
    package mutating func poll(
        _ now: Instant, bandwidth: Int, wanted: Int?, isCalm: Bool, packetSize: Int
    ) -> Int {
        switch state {
        case .idle:
            guard let wanted, wanted > bandwidth else {
                next = nil
                pause = Self.interval
                return 0
            }
            guard isCalm else {
                next = now + pause
                return 0
            }
            if next == nil { next = now + pause }
            guard let next, next <= now else { return 0 }
            let target = min(Int(Double(bandwidth) * Self.growth), max(wanted * 5 / 4, bandwidth * 5 / 4))
            begin(target: target, packetSize: packetSize, now: now)
            return 1
        case .sending(let run):
            let due = Int((now - run.started).inSeconds * Double(run.target) / Double(8 * packetSize)) + 1
            return max(0, min(due, run.packets) - run.sent)
        case .waiting(_, let until):
            if until <= now { fail(now) }
            return 0
        }
    }

    /// One packet of those asked for has left under this number.
    package mutating func sent(_ sequence: UInt16, now: Instant) {
        guard case .sending(var run) = state else { return }
        if run.sent == 0 { run.firstSequence = sequence }
        run.lastSequence = sequence
        run.sent += 1
        state = run.sent >= run.packets ? .waiting(run, until: now + Self.patience) : .sending(run)
    }

    /// When `poll` has something to send; nil when only feedback or the usual round brings something.
    package func nextTimeout(packetSize: Int) -> Instant? {
        guard case .sending(let run) = state else { return nil }
        return run.started + .nanoseconds(Int64(run.sent) * Int64(8 * packetSize) * 1_000_000_000 / Int64(run.target))
    }

    /// What became of packets; returns the rate that a probe showed once it is complete, in bits a second.
    package mutating func receive(_ reports: [PacketReport], now: Instant) -> Int? {
        var run: Run
        var deadline: Instant?
        switch state {
        case .idle: return nil
        // A report may come before all of it has left.
        case .sending(let sending): run = sending
        case .waiting(let waiting, let until): (run, deadline) = (waiting, until)
        }
        var isOver = false
        for report in reports {
            guard run.covers(report.sequence) else {
                if report.sequence &- run.lastSequence < 0x8000 { isOver = true }
                continue
            }
            if report.sequence == run.lastSequence { isOver = true }
            guard let arrival = report.arrival else { continue }
            if run.sentSpan == nil { run.arrived.firstSize = report.size }
            run.arrived.packets += 1
            run.arrived.bytes += report.size
            run.arrived.lastSize = report.size
            run.sentSpan = (run.sentSpan?.first ?? report.sent, report.sent)
            run.arrivalSpan = (
                min(run.arrivalSpan?.first ?? arrival, arrival), max(run.arrivalSpan?.last ?? arrival, arrival)
            )
        }
        state = deadline.map { .waiting(run, until: $0) } ?? .sending(run)
        guard isOver, deadline != nil else { return nil }
        guard let rate = Self.rate(run), rate * 10 > run.target * 6 else {
            fail(now)
            return Self.rate(run)
        }
        state = .idle
        pause = Self.interval
        // On at once, after a moment for what the probe did to the queue.
        next = now + .milliseconds(200)
        return rate
    }

    /// Gives up what is under way; the connection changed.
    private mutating func fail(_ now: Instant) {
        state = .idle
        next = now + pause
        pause = min(pause * 2, Self.maximumInterval)
    }

    private static func rate(_ run: Run) -> Int? {
        guard let sent = run.sentSpan, let arrival = run.arrivalSpan, run.arrived.packets >= packetCount.lowerBound - 1,
            Double(run.arrived.packets) >= run.minimumShare * Double(run.sent)
        else { return nil }
        let sending = max(0.001, (sent.last - sent.first).inSeconds)
        let arriving = max(0.001, (arrival.last - arrival.first).inSeconds)
        let sentRate = Double(8 * (run.arrived.bytes - run.arrived.lastSize)) / sending
        let arrivalRate = Double(8 * (run.arrived.bytes - run.arrived.firstSize)) / arriving
        // What comes slower than it left shows where the path is full: a little less is safe.
        return Int(arrivalRate < 0.9 * sentRate ? 0.95 * arrivalRate : min(sentRate, arrivalRate))
    }
}
