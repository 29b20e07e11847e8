import Media

/// A stream that a viewer was offered.
struct OfferedStream: Sendable {
    var ssrc: UInt32
    var rtxSSRC: UInt32?
    var isVideo: Bool
    var clockRate: Int
    /// Header extensions; 0: not agreed on.
    var transportWideID: UInt8 = 0
    var captureTimeID: UInt8 = 0
}

/// A viewer's media while it comes in: measured, and answered as browsers do, with receiver reports, NACKs, keyframe
/// requests and transport-wide feedback. For one thread.
final class ViewerMedia {
    let transport: ClientTransport
    var line: BadLine?
    private let times: SendTimes
    private let loss: Double
    private let decodes: Bool
    private var streams: [UInt32: StreamWatcher] = [:]
    private var retransmissions: [UInt32: StreamWatcher] = [:]
    private var feedback = TransportFeedbackBuilder(senderSSRC: ssrc, mediaSSRC: 0)
    private var transportWideID: UInt8 = 0
    private var captureTimeID: UInt8 = 0
    private var nextReport: Instant
    private var random = SystemRandomNumberGenerator()
    private static let ssrc: UInt32 = 1
    /// Latency is measured when a stream has come for so long.
    private static let settling = Duration.seconds(1)
    private var connected: Instant?
    private var dropped = 0

    init(
        _ transport: ClientTransport, times: SendTimes, loss: Double, line: BadLine?, decodes: Bool, now: Instant
    ) {
        self.transport = transport
        self.times = times
        self.loss = loss
        self.line = line
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
            // The same over all of a connection (RFC 8843 §9.2).
            if stream.transportWideID != 0 { transportWideID = stream.transportWideID }
            if stream.captureTimeID != 0 { captureTimeID = stream.captureTimeID }
        }
    }

    /// False for a viewer whose line is good: then the datagram is there already.
    func enterLine(_ datagram: UnsafeRawBufferPointer, now: Instant) -> Bool {
        line?.enter(datagram, now: now, using: &random) != nil
    }

    /// One packet in the clear, and how long it was under way.
    func receive(_ packet: RawSpan, now: Instant, latency: inout ArrivalLatency) {
        guard let header = try? RTPHeader(parsing: packet) else { return }
        if loss > 0, Double.random(in: 0..<1, using: &random) < loss {
            dropped += 1
            return
        }
        if let number = extensionValue(transportWideID, of: header, in: packet, length: 2) {
            feedback.mediaSSRC = header.ssrc
            feedback.record(transportSequence: UInt16(truncatingIfNeeded: number), arrival: now)
        }
        let payload = header.payload(of: packet)
        if let watcher = streams[header.ssrc] {
            // What a server replays for a first picture is old, and not late.
            if let first = watcher.firstPacket, now - first >= Self.settling {
                measure(packet, header, payload, now, &latency)
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

    private func measure(
        _ packet: RawSpan, _ header: RTPHeader, _ payload: RawSpan, _ now: Instant, _ latency: inout ArrivalLatency
    ) {
        guard line == nil else {
            if let sent = times.time(of: payload) { latency.bad.record(nanoseconds: (now - sent).inNanoseconds) }
            return
        }
        if let sent = times.time(of: payload, arriving: now) {
            latency.good.record(nanoseconds: (now - sent).inNanoseconds)
        }
        if let captured = extensionValue(captureTimeID, of: header, in: packet, length: 8) {
            let wall = Clock.wall() - (Clock.now() - now).inNanoseconds
            latency.sinceCapture.record(nanoseconds: wall - NTPTime(rawValue: captured).unixNanoseconds)
        }
    }

    /// The first bytes of a header extension as a number.
    private func extensionValue(
        _ id: UInt8, of header: RTPHeader, in packet: RawSpan, length: Int
    ) -> UInt64? {
        guard id != 0, let element = header.extensions(of: packet).find(id: id), element.length >= length else {
            return nil
        }
        return packet.withUnsafeBytes { bytes in
            bytes[element.offset..<element.offset + length].reduce(0) { $0 << 8 | UInt64($1) }
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
        // May end in padding, so each is sent by itself.
        while let report = feedback.poll(now) { transport.send(rtcp: [.transportFeedback(report)]) }
    }

    var report: ViewerReport {
        ViewerReport(
            connected: connected, hasBadLine: line != nil, dropped: dropped + (line?.dropped ?? 0),
            streams: streams.values.map(\.report))
    }
}
