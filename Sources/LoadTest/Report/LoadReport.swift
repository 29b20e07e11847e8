import Media

/// The result of a load test. What is counted a second was counted while all viewers were there; times are of the whole
/// run.
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
    /// From a packet's way out of the publisher to its way into the viewer.
    package var latency: Percentiles
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
    package var pictureLosses: Int
    package var keyframeRequests: Int
    package var frames: Int
    package var decoded: Int
    package var freezes: Int
    package var frozenSeconds: Double
    /// Cores; one is 1.
    package var ownCores: Double
    package var serverCores: Double?
    /// Microseconds of the server's processor time for each packet that viewers received.
    package var serverMicrosecondsPerPacket: Double?
    /// Bytes.
    package var serverMemory: Int?

    init(
        plan: LoadTestPlan, progress: [PeerID: ParticipantProgress], before: MediaReport, media: MediaReport,
        usage: UsageMeter.Spent
    ) {
        func sum(_ report: MediaReport, _ value: (StreamReport) -> Int) -> Int {
            report.viewers.values.reduce(0) { $0 + $1.streams.reduce(0) { $0 + value($1) } }
        }
        publishers = plan.publishers
        viewers = plan.viewers
        connected = media.viewers.values.count { $0.connected != nil }
        failures = [:]
        for (id, one) in progress {
            if let error = one.error {
                failures["\(error)", default: 0] += 1
            } else if media.failed.contains(id) {
                failures["transport", default: 0] += 1
            } else if id >= plan.publishers, media.viewers[id]?.connected == nil {
                // How far it came within the test.
                let stage = one.joined == nil ? "notJoined" : media.viewers[id] == nil ? "notOffered" : "notConnected"
                failures[stage, default: 0] += 1
            }
        }
        seconds = usage.wall
        let watching = progress.filter { $0.key >= plan.publishers }
        join = Percentiles(watching.values.compactMap { one in one.joined.map { $0 - one.began } })
        func since(_ instant: (ViewerReport) -> Instant?) -> Percentiles {
            Percentiles(
                watching.compactMap { id, one in media.viewers[id].flatMap(instant).map { $0 - one.began } })
        }
        connect = since(\.connected)
        firstPacket = since { $0.streams.compactMap(\.firstPacket).min() }
        firstFrame = since { $0.streams.filter(\.isVideo).compactMap(\.firstFrame).min() }
        latency = Percentiles(media.latency)
        var pictures = LatencyDistribution()
        for stream in media.viewers.values.flatMap(\.streams) { pictures.merge(stream.pictureLatency) }
        pictureLatency = Percentiles(pictures)
        packets = sum(media, \.packets)
        let during = packets - sum(before, \.packets)
        packetsPerSecond = Double(during) / max(0.001, usage.wall)
        bitrate =
            Double(sum(media, \.bytes) - sum(before, \.bytes)) * 8 / max(0.001, usage.wall) / Double(max(1, connected))
        expected = sum(media, \.expected)
        lost = sum(media, \.lost)
        recovered = sum(media, \.recovered)
        duplicates = sum(media, \.duplicates)
        droppedHere = media.viewers.values.reduce(0) { $0 + $1.dropped }
        nacks = sum(media, \.nacks)
        pictureLosses = sum(media, \.pictureLosses)
        keyframeRequests = media.publishers.values.reduce(0) { $0 + $1.keyframeRequests }
        frames = sum(media) { $0.isVideo ? $0.frames : 0 }
        decoded = sum(media, \.decoded)
        freezes = sum(media) { $0.isVideo ? $0.freezes : 0 }
        frozenSeconds = media.viewers.values.flatMap(\.streams).filter(\.isVideo).reduce(0) { $0 + $1.frozen }
        ownCores = usage.own / max(0.001, usage.wall)
        serverCores = usage.server.map { $0 / max(0.001, usage.wall) }
        serverMicrosecondsPerPacket = usage.server.map { $0 * 1e6 / Double(max(1, during)) }
        serverMemory = usage.serverMemory
    }
}
