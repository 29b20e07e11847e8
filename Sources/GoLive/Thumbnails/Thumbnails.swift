import Logging
import Relay

/// The pictures of streams: uploaded, or made from a keyframe while live.
struct Thumbnails: Sendable {
    let store: Store
    let relay: Relay
    let logger: Logger

    /// Makes pictures of live streams, until cancelled.
    func run() async {}
}
