/// One time live, from go-live to its end, as the store keeps it.
struct LiveSession: Sendable, Hashable {
    /// A UUID in lower case.
    var id: String
    var userID: String
    /// The stream's at go-live.
    var title: String
    /// Milliseconds since 1970.
    var startedAt: Int64
    /// When it was last known to be live.
    var lastSeenAt: Int64
    /// nil while it lasts.
    var endedAt: Int64?
    var peakViewers: Int
}

/// How many watched at one moment of a live session.
struct ViewerSample: Sendable, Hashable {
    var sessionID: String
    /// Milliseconds since 1970.
    var takenAt: Int64
    var viewers: Int
}

/// What the store is to hold of one host's present state. Writing it twice, or a newer one over it, is harmless.
struct LiveRecord: Sendable, Hashable {
    var hostID: String
    var phase: Stream.Phase
    /// Of the session that lasts.
    var sessionID: String?
    var startedAt: Int64?
    /// The session that lasts, and those that have ended and are not saved yet.
    var sessions: [LiveSession]
    var samples: [ViewerSample]
}
