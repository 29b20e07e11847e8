import Media

/// The way that a participant wants media to take, as SDKs try it out (`SimulateScenario.switch_candidate_protocol`).
package enum ICEPreference: Hashable, Sendable {
    /// Whatever gets through.
    case any
    /// TCP alone: no UDP candidate is offered, as long as there are others.
    case tcp
    /// A TURN server alone. All candidates are offered, for a relay reaches them all; it is the client who has to be told.
    case relay
}

/// Who prefers what in a room. SDKs ask, and then join anew by themselves as the same identity.
struct ICEPreferences {
    /// As LiveKit remembers it.
    static let lifetime = Duration.seconds(300)
    /// Identities remembered in one room; the oldest goes first.
    static let capacity = 64

    private var noted: [(identity: String, preference: ICEPreference, at: Instant)] = []

    mutating func note(_ preference: ICEPreference, of identity: String, at now: Instant) {
        noted.removeAll { $0.identity == identity || now - $0.at >= Self.lifetime }
        guard preference != .any else { return }
        if noted.count == Self.capacity { noted.removeFirst() }
        noted.append((identity, preference, now))
    }

    func preference(of identity: String, at now: Instant) -> ICEPreference {
        noted.first { $0.identity == identity && now - $0.at < Self.lifetime }?.preference ?? .any
    }
}
