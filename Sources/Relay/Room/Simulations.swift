import Media

/// What a participant asked to be done to them, for the tests of SDKs.
struct Simulations {
    /// As LiveKit has it.
    private static let patience = Duration.seconds(5)
    /// SDKs try this often before they give up a resume.
    private static let silentCuts = 3
    static let longestSpeech = Duration.seconds(60)
    /// Bits a second that a line can be said to carry.
    static let bandwidths = BandwidthEstimator.minimum...BandwidthEstimator.maximum

    /// What becomes of the next signalling connection that resumes.
    enum Cut: Hashable, Sendable {
        case afterGreeting
        case beforeGreeting
    }

    private var cuts: (kind: Cut, left: Int, expires: Instant)?
    /// Until when others are told that they speak.
    var speaksUntil: Instant?

    mutating func cutResume(_ kind: Cut, at now: Instant) {
        cuts = (kind, kind == .beforeGreeting ? Self.silentCuts : 1, now + Self.patience)
    }

    mutating func takeCut(at now: Instant) -> Cut? {
        guard let due = cuts, now < due.expires else {
            cuts = nil
            return nil
        }
        cuts = due.left > 1 ? (due.kind, due.left - 1, due.expires) : nil
        return due.kind
    }
}

/// What a client may ask to be done to itself, to see that it copes.
package enum Simulation: Hashable, Sendable {
    /// The next signalling connection that resumes, within 5 s, is closed once its first messages were sent; or three of
    /// them without any.
    case signalLossOnResume(beforeMessages: Bool)
    /// Everyone is told that the participant speaks for so long, at most a minute.
    case speaking(Duration)
    /// The participant's line is believed to carry no more than this, in bits a second, taken into
    /// `Simulations.bandwidths`; nil: what is found out counts again. LiveKit believes in more than it found out as well;
    /// here nobody can have more sent than their line takes.
    case bandwidth(Int?)
    /// The connection that receives restarts ICE with the candidates preferred from now on, and for TCP leaves its old path.
    /// They are what the identity gets when it joins this room anew as well, within five minutes.
    case candidates(ICEPreference)
}
