package import Media

/// The first look at a viewer's line, while its lowest layers start: short runs of padding at the rate that everything
/// wanted would take. How fast a run arrives tells what the narrowest part of the path carries (Dovrolis, Ramanathan,
/// Moore: "What do packet dispersion techniques measure?", INFOCOM 2001).
///
/// One run that comes through is enough for the best picture. A busy receiver holds packets up as a narrow line does, so
/// only `maximumRuns` slow ones say that a line is narrow; those after the first aim at twice what was seen, for a line
/// that is narrow has no room for more, and do not count where they get it. Who reports nothing at all is not kept waiting.
package struct LineTest: Sendable {
    package enum Verdict: Sendable, Equatable {
        /// It carries what is wanted; how much more, nobody knows.
        case good
        /// Bits a second.
        case narrow(Int)
        /// It could not be told.
        case unknown
    }

    /// What is taken to be wanted while nobody knows, in bits a second: a camera's 720p.
    package static let usual = 2_000_000
    /// As little as is ever tried: a picture that stands still takes next to nothing until it moves, or a keyframe comes.
    package static let least = 1_000_000
    /// No run is slower, whatever the reports say.
    private static let slowest = 100_000
    package static let maximumRuns = 3
    /// Of a run.
    package static let duration = Duration.milliseconds(15)
    /// Between the report on a run and the next.
    package static let pause = Duration.milliseconds(50)
    /// Without a report for this long, none will come.
    package static let patience = Duration.seconds(1)
    package static let maximumDuration = Duration.seconds(3)
    /// A run that loses more than the rest says nothing.
    package static let minimumShare = 0.25
    /// The first run aims this much higher than what is wanted, since arrival is never quite as even as departure.
    private static let margin = 1.25
    /// The share of what is wanted at which a line carries it: a probe says a little less than it saw (`BandwidthProber`).
    private static let enough = 0.94
    /// The share of its aim at which a run came through.
    private static let through = 0.9

    private let wanted: Int
    /// The fastest that was seen; nil before any.
    package private(set) var best: Int?
    private let began: Instant
    private var isHeard = false
    private var runs = 0
    private var next: Instant

    /// - Parameter wanted: bits a second that everything would take.
    package init(wanted: Int, now: Instant) {
        self.wanted = max(wanted, Self.least)
        began = now
        next = now
    }

    /// What the next run is sent at, in bits a second.
    package var target: Int {
        guard let best else { return runs == 0 ? full : full / 4 }
        return min(full, max(2 * best, Self.slowest))
    }

    private var full: Int { Int(Double(wanted) * Self.margin) }

    /// When the next run is due, if any, and none is under way.
    package var nextRun: Instant? { runs < Self.maximumRuns ? next : nil }

    /// The client reports.
    package mutating func heard() { isHeard = true }

    /// A run is over. `rate` in bits a second; nil when too little of it arrived.
    package mutating func finished(_ rate: Int?, now: Instant) {
        let target = target
        let cameThrough = rate.map { Double($0) >= Self.through * Double(target) } ?? false
        if !cameThrough || target == full { runs += 1 }
        next = now + Self.pause
        if let rate { best = max(best ?? 0, rate) }
    }

    /// What it has shown when it is not to go on.
    package var outcome: Verdict { best.map { .narrow($0) } ?? .unknown }

    /// nil as long as it is not over.
    package func verdict(_ now: Instant) -> Verdict? {
        if let best, Double(best) >= Self.enough * Double(wanted) { return .good }
        let limit = isHeard ? Self.maximumDuration : Self.patience
        guard runs >= Self.maximumRuns || now - began >= limit else { return nil }
        return outcome
    }
}
