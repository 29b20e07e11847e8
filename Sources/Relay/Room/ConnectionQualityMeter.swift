/// How well a participant is connected, judged by the share of packets lost in reports since it was last read, and by
/// what their line makes them do without.
struct ConnectionQualityMeter {
    private var worstLoss: Float = 0
    private var constraint = ViewerLine.Constraint.none
    private var told: ConnectionQuality.Grade?

    mutating func receive(loss: Float) {
        worstLoss = max(worstLoss, loss)
    }

    mutating func receive(_ constraint: ViewerLine.Constraint) {
        self.constraint = constraint
    }

    /// The grade when it changed since the last time; begins a new interval.
    mutating func poll() -> (grade: ConnectionQuality.Grade, score: Float)? {
        defer { worstLoss = 0 }
        let best: Float =
            switch constraint {
            case .none: 5
            case .reduced: 4
            case .paused: 2
            }
        let grade: ConnectionQuality.Grade =
            worstLoss >= 0.08 || constraint == .paused
            ? .poor : worstLoss >= 0.02 || constraint == .reduced ? .good : .excellent
        guard grade != told else { return nil }
        told = grade
        return (grade, max(1, best - 25 * worstLoss))
    }
}
