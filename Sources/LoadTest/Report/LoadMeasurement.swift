import Media

/// What a finished test has measured, before it is put into figures.
struct LoadMeasurement: Sendable {
    var plan: LoadTestPlan
    var progress: [PeerID: ParticipantProgress]
    /// When the last viewer had begun to join, and at the end.
    var before: MediaReport
    var after: MediaReport
    /// Of the packets sent in between, to the first viewer and the last.
    var spread: (first: LatencyDistribution, last: LatencyDistribution)
    var usage: UsageMeter.Spent
    /// Bytes of the server's memory when it had the publishers only.
    var serverMemoryBefore: Int?

    /// How many did not get in or fell out, by reason.
    var failures: [String: Int] {
        var failures: [String: Int] = [:]
        for (id, one) in progress {
            if let error = one.error {
                failures["\(error)", default: 0] += 1
            } else if after.failed.contains(id) {
                failures["transport", default: 0] += 1
            } else if id >= plan.publishers, after.viewers[id]?.connected == nil {
                // How far it came within the test.
                let stage = one.joined == nil ? "notJoined" : after.viewers[id] == nil ? "notOffered" : "notConnected"
                failures[stage, default: 0] += 1
            }
        }
        return failures
    }

    /// From the first byte of signalling to what a viewer's report says.
    func times(to instant: (ViewerReport) -> Instant?) -> [Duration] {
        progress.compactMap { id, one in
            id < plan.publishers ? nil : after.viewers[id].flatMap(instant).map { $0 - one.began }
        }
    }

    /// From the first byte of signalling to the join response.
    var joins: [Duration] {
        progress.compactMap { id, one in id < plan.publishers ? nil : one.joined.map { $0 - one.began } }
    }

    /// What was counted between the two reports.
    func during(_ value: (StreamReport) -> Int, where isCounted: (ViewerReport) -> Bool = { _ in true }) -> Int {
        after.sum(value, where: isCounted) - before.sum(value, where: isCounted)
    }

    var seconds: Double { max(0.001, usage.wall) }
}
