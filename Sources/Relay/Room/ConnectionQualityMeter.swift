/// How well a participant is connected, judged by the share of packets lost in reports since it was last read.
struct ConnectionQualityMeter {
    private var worstLoss: Float = 0
    private var told: ConnectionQuality.Grade?

    mutating func receive(loss: Float) {
        worstLoss = max(worstLoss, loss)
    }

    /// The grade when it changed since the last time; begins a new interval.
    mutating func poll() -> (grade: ConnectionQuality.Grade, score: Float)? {
        defer { worstLoss = 0 }
        let grade: ConnectionQuality.Grade = worstLoss < 0.02 ? .excellent : worstLoss < 0.08 ? .good : .poor
        guard grade != told else { return nil }
        told = grade
        return (grade, max(1, 5 - 25 * worstLoss))
    }
}
