import Media

/// A stream that a viewer was offered.
struct OfferedStream: Sendable {
    var ssrc: UInt32
    var rtxSSRC: UInt32?
    var isVideo: Bool
    var clockRate: Int
}

/// A viewer's media while it comes in. For one thread.
final class ViewerMedia {
    let transport: ClientTransport
    private let times: SendTimes
    private let loss: Double
    private let decodes: Bool
    private var streams: [UInt32: StreamWatcher] = [:]
    private var retransmissions: [UInt32: StreamWatcher] = [:]
    private var nextReport: Instant
    private static let ssrc: UInt32 = 1
    /// Latency is measured when a stream has come for so long.
    private static let settling = Duration.seconds(1)
    private(set) var connected: Instant?
    private(set) var dropped = 0

    init(_ transport: ClientTransport, times: SendTimes, loss: Double, decodes: Bool, now: Instant) {
        self.transport = transport
        self.times = times
        self.loss = loss
        self.decodes = decodes
        nextReport = now
    }

    /// What is offered now; streams that are known go on.
    func expect(_ offered: [OfferedStream]) {
        for stream in offered where streams[stream.ssrc] == nil {
            let watcher = StreamWatcher(
                ssrc: stream.ssrc, isVideo: stream.isVideo, clockRate: stream.clockRate, decodes: decodes)
            streams[stream.ssrc] = watcher
            if let rtx = stream.rtxSSRC { retransmissions[rtx] = watcher }
        }
    }

    /// One packet in the clear, and how long it was under way.
    func receive(_ packet: RawSpan, now: Instant, latency: inout LatencyDistribution) {
        guard let header = try? RTPHeader(parsing: packet) else { return }
        if loss > 0, Double.random(in: 0..<1) < loss {
            dropped += 1
            return
        }
        let payload = header.payload(of: packet)
        if let watcher = streams[header.ssrc] {
            // What a server replays for a first picture is old, and not late.
            if let first = watcher.firstPacket, now - first >= Self.settling, let sent = times.time(of: payload) {
                latency.record(nanoseconds: (now - sent).inNanoseconds)
            }
            watcher.receive(
                header, sequence: header.sequenceNumber, payload: payload, isRetransmission: false, now: now)
        } else if let watcher = retransmissions[header.ssrc], payload.byteCount >= 2 {
            let original = payload.withUnsafeBytes { UInt16($0[0]) << 8 | UInt16($0[1]) }
            watcher.receive(
                header, sequence: original, payload: payload.extracting(droppingFirst: 2), isRetransmission: true,
                now: now)
        }
    }

    func receive(_ packets: [RTCPPacket], now: Instant) {
        for case .senderReport(let report) in packets { streams[report.ssrc]?.note(report, now: now) }
    }

    func advance(to now: Instant) {
        guard transport.isConnected else { return }
        connected = connected ?? now
        var packets: [RTCPPacket] = []
        for (ssrc, watcher) in streams {
            let wanted = watcher.advance(to: now)
            if !wanted.nack.isEmpty {
                packets.append(
                    .nack(Nack(senderSSRC: Self.ssrc, mediaSSRC: ssrc, sequenceNumbers: wanted.nack)))
            }
            if wanted.pictureLoss {
                packets.append(
                    .pictureLossIndication(PictureLossIndication(senderSSRC: Self.ssrc, mediaSSRC: ssrc)))
            }
        }
        if now >= nextReport {
            nextReport = now + .seconds(1)
            let blocks = streams.values.compactMap { $0.reportBlock(now) }
            if !blocks.isEmpty {
                packets.append(.receiverReport(ReceiverReport(ssrc: Self.ssrc, reports: Array(blocks.prefix(31)))))
            }
        }
        if !packets.isEmpty { transport.send(rtcp: packets) }
    }

    var reports: [StreamReport] { streams.values.map(\.report) }
}
