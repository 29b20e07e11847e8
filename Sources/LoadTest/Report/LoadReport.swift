import Media

/// The result of a load test. What is counted a second, latency and processor time are of the time after the last viewer
/// had begun to join; the rest is of the whole run.
package struct LoadReport: Sendable, Encodable {
    /// Milliseconds.
    package struct Percentiles: Sendable, Encodable {
        package var p50: Double?
        package var p95: Double?
        package var p99: Double?
        package var p999: Double?
        package var most: Double?

        init(_ distribution: LatencyDistribution) {
            p50 = distribution.percentile(0.5)
            p95 = distribution.percentile(0.95)
            p99 = distribution.percentile(0.99)
            p999 = distribution.percentile(0.999)
            most = distribution.percentile(1)
        }

        init(_ times: [Duration]) {
            var distribution = LatencyDistribution()
            for time in times { distribution.record(nanoseconds: time.inNanoseconds) }
            self.init(distribution)
        }
    }

    package var publishers: Int
    package var viewers: Int
    package var connected: Int
    /// How many did not get in or fell out, by reason.
    package var failures: [String: Int]
    package var seconds: Double
    /// From the first byte of signalling to the join response, the transport, the first packet and the first whole frame.
    package var join: Percentiles
    package var connect: Percentiles
    package var firstPacket: Percentiles
    package var firstFrame: Percentiles
    /// From a packet's way out of the publisher to the kernel's receiving it for a viewer, at the viewers on good lines;
    /// and the same for the first and the last of them alone, a packet at a time.
    package var latency: Percentiles
    package var firstViewer: Percentiles
    package var lastViewer: Percentiles
    /// From the time in the header extension of a picture's packets, which is before its encoding, to their arrival.
    package var captureLatency: Percentiles
    /// From the time painted into a picture to its being decoded, at the viewers that decode.
    package var pictureLatency: Percentiles
    package var packets: Int
    package var packetsPerSecond: Double
    /// Bits of payload a second and viewer.
    package var bitrate: Double
    package var expected: Int
    package var lost: Int
    package var recovered: Int
    package var duplicates: Int
    package var droppedHere: Int
    package var nacks: Int
    package var retransmissions: Int
    package var pictureLosses: Int
    /// Asked of the publishers: in the whole run, and after the last viewer had begun to join.
    package var keyframeRequests: Int
    package var keyframeRequestsLater: Int
    package var frames: Int
    package var decoded: Int
    package var freezes: Int
    package var frozenSeconds: Double
    /// Viewers on good lines, and on bad ones if there are any.
    package var good: Group
    package var bad: Group?
    /// Cores; one is 1.
    package var ownCores: Double
    package var serverCores: Double?
    /// Microseconds of the server's processor time for each packet that viewers received.
    package var serverMicrosecondsPerPacket: Double?
    /// Bytes of resident memory: of this program, of the server, and of the server before the first viewer.
    package var ownMemory: Int?
    package var serverMemory: Int?
    package var serverMemoryBefore: Int?

    init(_ measured: LoadMeasurement) {
        let (plan, media, usage) = (measured.plan, measured.after, measured.usage)
        publishers = plan.publishers
        viewers = plan.viewers
        connected = media.viewers.values.count { $0.connected != nil }
        failures = measured.failures
        seconds = usage.wall
        join = Percentiles(measured.joins)
        connect = Percentiles(measured.times(to: \.connected))
        firstPacket = Percentiles(measured.times { $0.streams.compactMap(\.firstPacket).min() })
        firstFrame = Percentiles(measured.times { $0.streams.filter(\.isVideo).compactMap(\.firstFrame).min() })
        let late = media.latency.since(measured.before.latency)
        latency = Percentiles(late.good)
        firstViewer = Percentiles(measured.spread.first)
        lastViewer = Percentiles(measured.spread.last)
        captureLatency = Percentiles(late.sinceCapture)
        var pictures = LatencyDistribution()
        for latency in media.viewers.values.flatMap({ $0.streams.compactMap(\.pictureLatency) }) {
            pictures.merge(latency)
        }
        pictureLatency = Percentiles(pictures)
        packets = media.sum(\.packets)
        let during = measured.during(\.packets)
        packetsPerSecond = Double(during) / measured.seconds
        bitrate = Double(measured.during(\.bytes)) * 8 / measured.seconds / Double(max(1, connected))
        expected = media.sum(\.expected)
        lost = media.sum(\.lost)
        recovered = media.sum(\.recovered)
        duplicates = media.sum(\.duplicates)
        droppedHere = media.viewers.values.reduce(0) { $0 + $1.dropped }
        nacks = media.sum(\.nacks)
        retransmissions = media.sum(\.retransmissions)
        pictureLosses = media.sum(\.pictureLosses)
        keyframeRequests = media.keyframeRequests
        keyframeRequestsLater = keyframeRequests - measured.before.keyframeRequests
        frames = media.sum { $0.isVideo ? $0.frames : 0 }
        decoded = media.sum(\.decoded)
        freezes = media.sum { $0.isVideo ? $0.freezes : 0 }
        frozenSeconds = media.viewers.values.flatMap(\.streams).filter(\.isVideo).reduce(0) { $0 + $1.frozen }
        good = Group(measured, hasBadLine: false)
        bad = plan.badViewers > 0 ? Group(measured, hasBadLine: true) : nil
        ownCores = usage.own / measured.seconds
        serverCores = usage.server.map { $0 / measured.seconds }
        serverMicrosecondsPerPacket = usage.server.map { $0 * 1e6 / Double(max(1, during)) }
        ownMemory = usage.ownMemory
        serverMemory = usage.serverMemory
        serverMemoryBefore = measured.serverMemoryBefore
    }
}
