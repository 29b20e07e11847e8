import Media

/// One stream as a viewer sees it: verifies that packets come whole and in order, frames complete, and how late; asks for
/// what is missing. For one thread.
final class StreamWatcher {
    let ssrc: UInt32
    let isVideo: Bool
    private let clockRate: Int64
    private var window: ArrivalWindow
    private var rhythm = FrameRhythm()
    private var decoder: StreamDecoder?
    private var isDecodable = false
    private(set) var bytes = 0
    private(set) var retransmissions = 0
    private(set) var pictureLosses = 0
    private(set) var firstPacket: Instant?
    /// Pixels, of the last keyframe.
    private var height = 0
    private var nextPictureLoss: Instant?
    private var senderReport: (ntp: UInt64, arrival: Instant)?
    private var jitter: Int64 = 0
    private var transit: Int64?
    private var reported = (expected: 0, received: 0)

    init(ssrc: UInt32, isVideo: Bool, clockRate: Int, decodes: Bool) {
        self.ssrc = ssrc
        self.isVideo = isVideo
        self.clockRate = Int64(clockRate)
        window = ArrivalWindow(hasKeyframes: isVideo)
        decoder = decodes && isVideo ? StreamDecoder() : nil
    }

    /// - Parameter sequence: of the original where the packet is a retransmission.
    func receive(
        _ header: RTPHeader, sequence: UInt16, payload: RawSpan, isRetransmission: Bool, now: Instant
    ) {
        bytes += payload.byteCount
        if isRetransmission { retransmissions += 1 } else { note(header.timestamp, at: now) }
        // Numbers without content: what a muted or filtered stream leaves.
        let descriptor = isVideo && payload.byteCount > 0 ? try? VP8Descriptor(parsing: payload) : nil
        let beginsKeyframe =
            descriptor.map { descriptor in
                descriptor.isStartOfPartition && descriptor.partitionIndex == 0
                    && descriptor.length < payload.byteCount
                    && payload.unsafeLoad(fromByteOffset: descriptor.length, as: UInt8.self) & 1 == 0
            } ?? !isVideo
        if isVideo, beginsKeyframe, let descriptor, let size = VP8KeyframeSize(payload, after: descriptor.length) {
            height = size.height
        }
        let packet = ArrivalWindow.Packet(
            endsFrame: isVideo ? header.marker && payload.byteCount > 0 : true, beginsKeyframe: beginsKeyframe,
            timestamp: header.timestamp, payload: decoder == nil ? [] : payload.withUnsafeBytes(Array.init))
        guard window.insert(sequence, packet, now: now) else { return }
        firstPacket = firstPacket ?? now
        drain(now)
    }

    private func drain(_ now: Instant) {
        while let next = window.pop(now: now) {
            switch next {
            case .gap:
                isDecodable = false
                decoder?.interrupt()
            case .packet(let sequence, let packet):
                if packet.beginsKeyframe { isDecodable = true }
                decoder?.receive(sequence, packet, now: now)
                if packet.endsFrame, isDecodable { rhythm.frame(at: now) }
            }
        }
    }

    /// What is to be asked of the server now.
    func advance(to now: Instant) -> (nack: [UInt16], pictureLoss: Bool) {
        drain(now)
        let nack = isVideo ? window.poll(now) : []
        guard isVideo, !isDecodable, firstPacket != nil, nextPictureLoss.map({ now >= $0 }) ?? true else {
            return (nack, false)
        }
        nextPictureLoss = now + .milliseconds(500)
        pictureLosses += 1
        return (nack, true)
    }

    func note(_ report: SenderReport, now: Instant) {
        senderReport = (report.ntp, now)
    }

    /// RFC 3550 §6.4.1.
    func reportBlock(_ now: Instant) -> ReportBlock? {
        guard window.expected > 0 else { return nil }
        let expected = window.expected - reported.expected
        let received = window.received - reported.received
        reported = (window.expected, window.received)
        let fraction = expected > 0 ? max(0, (expected - received) * 256 / expected) : 0
        return ReportBlock(
            ssrc: ssrc, fractionLost: UInt8(clamping: fraction),
            cumulativeLost: Int32(clamping: window.expected - window.received),
            highestSequence: UInt32(truncatingIfNeeded: window.highest), jitter: UInt32(clamping: jitter / 16),
            lastSR: senderReport.map { UInt32(truncatingIfNeeded: $0.ntp >> 16) } ?? 0,
            delaySinceLastSR: senderReport.map { UInt32(clamping: Int64((now - $0.arrival).inSeconds * 65_536)) } ?? 0)
    }

    /// RFC 3550 §A.8.
    private func note(_ timestamp: UInt32, at now: Instant) {
        let arrival = now.nanoseconds / 1000 * clockRate / 1_000_000
        let transit = arrival - Int64(timestamp)
        if let before = self.transit {
            let difference = abs(transit - before)
            if difference < clockRate { jitter += difference - (jitter + 8) / 16 }
        }
        self.transit = transit
    }

    var report: StreamReport {
        StreamReport(
            isVideo: isVideo, packets: window.received, expected: window.expected, lost: window.lost,
            duplicates: window.duplicates, recovered: window.recovered, retransmissions: retransmissions,
            nacks: window.requests, pictureLosses: pictureLosses, bytes: bytes, height: height, frames: rhythm.frames,
            freezes: rhythm.freezes, frozen: rhythm.frozen.inSeconds, decoded: decoder?.pictures ?? 0,
            pictureLatency: decoder?.latency, firstPacket: firstPacket,
            firstFrame: rhythm.first)
    }
}

/// What a VP8 keyframe says of its size (RFC 6386 §9.1), in pixels.
struct VP8KeyframeSize {
    var width: Int
    var height: Int

    /// - Parameter offset: of the frame within a payload, behind the payload descriptor.
    init?(_ payload: RawSpan, after offset: Int) {
        guard payload.byteCount >= offset + 10 else { return nil }
        let bytes = payload.withUnsafeBytes { Array($0[offset..<offset + 10]) }
        guard bytes[3...5] == [0x9D, 0x01, 0x2A] else { return nil }
        // Little-endian, with the scaling in the upper two bits.
        width = (Int(bytes[7]) << 8 | Int(bytes[6])) & 0x3FFF
        height = (Int(bytes[9]) << 8 | Int(bytes[8])) & 0x3FFF
    }
}
