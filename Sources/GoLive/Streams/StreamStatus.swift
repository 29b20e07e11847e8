/// What is true of a stream at this moment, as `/api/stream/status` and the live updates tell it.
struct StreamStatus: Sendable, Hashable {
    var phase: Stream.Phase
    /// People who watch: not the host's own views, nor hidden participants.
    var viewerCount: Int
    /// Milliseconds since 1970; nil when offline.
    var startedAt: Int64?

    var isLive: Bool { phase != .offline }

    static let offline = StreamStatus(phase: .offline, viewerCount: 0, startedAt: nil)
}
