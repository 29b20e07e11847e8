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
    /// Pixels, of the last keyframe; 0 before the first, and for sound.
    var height: Int
    var frames: Int
    var freezes: Int
    /// Seconds.
    var frozen: Double
    var decoded: Int
    /// nil where pictures are not decoded.
    var pictureLatency: LatencyDistribution?
    var firstPacket: Instant?
    var firstFrame: Instant?
}

/// What one participant came to.
struct ViewerReport: Sendable {
    var connected: Instant?
    var hasBadLine: Bool
    /// Packets thrown away for `--loss`, and those that the bad line lost.
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

/// How late packets were.
struct ArrivalLatency: Sendable, Equatable {
    /// From a packet's way out of the publisher to its way into the viewer: those on good lines, and those on bad ones.
    var good = LatencyDistribution()
    var bad = LatencyDistribution()
    /// From the time in a packet's header extension, at those on good lines.
    var sinceCapture = LatencyDistribution()

    mutating func merge(_ other: ArrivalLatency) {
        good.merge(other.good)
        bad.merge(other.bad)
        sinceCapture.merge(other.sinceCapture)
    }

    /// What came since an earlier state of this.
    func since(_ earlier: ArrivalLatency) -> ArrivalLatency {
        ArrivalLatency(
            good: good.since(earlier.good), bad: bad.since(earlier.bad),
            sinceCapture: sinceCapture.since(earlier.sinceCapture))
    }
}

/// What media threads have seen up to now.
struct MediaReport: Sendable {
    var viewers: [PeerID: ViewerReport] = [:]
    var publishers: [PeerID: PublisherReport] = [:]
    var failed: Set<PeerID> = []
    var latency = ArrivalLatency()

    mutating func merge(_ other: MediaReport) {
        viewers.merge(other.viewers) { $1 }
        publishers.merge(other.publishers) { $1 }
        failed.formUnion(other.failed)
        latency.merge(other.latency)
    }

    func sum(_ value: (StreamReport) -> Int, where isCounted: (ViewerReport) -> Bool = { _ in true }) -> Int {
        viewers.values.reduce(0) { sum, viewer in
            isCounted(viewer) ? viewer.streams.reduce(sum) { $0 + value($1) } : sum
        }
    }

    var keyframeRequests: Int { publishers.values.reduce(0) { $0 + $1.keyframeRequests } }
}
