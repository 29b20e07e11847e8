import Media

/// What one stream was like at one viewer.
struct StreamReport: Sendable {
    var isVideo: Bool
    var packets: Int
    var expected: Int
    /// Never came.
    var lost: Int
    var duplicates: Int
    /// Came after they were asked for.
    var recovered: Int
    var retransmissions: Int
    var nacks: Int
    var pictureLosses: Int
    /// Of payload.
    var bytes: Int
    var frames: Int
    var freezes: Int
    /// Seconds.
    var frozen: Double
    var decoded: Int
    var pictureLatency: LatencyDistribution
    var firstPacket: Instant?
    var firstFrame: Instant?
}

/// What one participant came to.
struct ViewerReport: Sendable {
    var connected: Instant?
    /// Packets thrown away for `--loss`.
    var dropped: Int
    var streams: [StreamReport]
}

package struct PublisherReport: Sendable {
    package var frames = 0
    package var packets = 0
    package var retransmissions = 0
    /// Keyframes that the server asked for.
    package var keyframeRequests = 0
}
