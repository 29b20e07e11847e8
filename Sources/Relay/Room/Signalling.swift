import Media

/// Whether a signalling connection speaks for a participant. They are numbered, so that the end of one that has been
/// superseded means nothing.
enum Signalling: Sendable {
    case present(link: Int)
    case away(Absence)

    /// Nobody has spoken for the participant for a while.
    struct Absence: Sendable {
        /// The last connection.
        let link: Int
        let since: Instant
        /// The last sign of life of their media connections; `since` before the first.
        var lastHeard: Instant
        let window: ResumeWindow

        /// Whether they are waited for no longer.
        func isOver(at now: Instant) -> Bool {
            now - since >= window.longest || now - lastHeard >= window.silence
        }
    }

    var link: Int {
        switch self {
        case .present(let link): link
        case .away(let absence): absence.link
        }
    }
}

/// How long a participant stays whose signalling connection ended without a word.
package struct ResumeWindow: Hashable, Sendable {
    /// While their media connections show life: long enough for a client that tries again a few times.
    package var longest = Duration.seconds(15)
    /// Without a sign of life from media, which is asked for twice a second: a closed tab is to go quickly.
    package var silence = Duration.seconds(3)

    package init() {}
}
