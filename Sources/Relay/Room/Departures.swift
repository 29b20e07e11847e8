import Media

/// Who left a room of late: a client that was cut off meanwhile has to be told, and the newest are all that is kept.
struct Departures {
    /// Longer than a client can be away unnoticed and still come back.
    private static let memory = Duration.seconds(45)
    private static let capacity = 1024

    private var recent: [(state: ParticipantState, time: Instant)] = []

    mutating func note(_ state: ParticipantState, at now: Instant) {
        recent.removeAll { now - $0.time > Self.memory }
        if recent.count == Self.capacity { recent.removeFirst() }
        var state = state
        // Whoever is gone is told of by name alone.
        state.metadata = ""
        state.attributes = [:]
        state.tracks = []
        recent.append((state, now))
    }

    /// Of those who have not come again.
    func states(at now: Instant, without present: (_ identity: String) -> Bool) -> [ParticipantState] {
        recent.filter { now - $0.time <= Self.memory && !present($0.state.identity) }.map(\.state)
    }
}
