import Media

/// Decodes what one viewer in the sample gets, and reads the time that is painted in.
struct StreamDecoder {
    private var depacketizer = VP8Depacketizer()
    private let decoder: VP8Decoder
    private var isDecodable = false
    private(set) var pictures = 0
    private(set) var latency = LatencyDistribution()

    init?() {
        guard let decoder = try? VP8Decoder() else { return nil }
        self.decoder = decoder
    }

    mutating func interrupt() { isDecodable = false }

    mutating func receive(_ sequence: UInt16, _ packet: ArrivalWindow.Packet, now: Instant) {
        guard
            let frame = try? depacketizer.receive(
                sequenceNumber: sequence, timestamp: packet.timestamp, marker: packet.endsFrame,
                payload: packet.payload.span.bytes)
        else { return }
        if frame.isKeyframe { isDecodable = true }
        guard isDecodable, let shown = try? decoder.decode(frame.bytes, timestamp: frame.timestamp) else { return }
        for picture in shown {
            pictures += 1
            guard let code = TimeCode.read(picture) else { continue }
            let milliseconds = UInt32(truncatingIfNeeded: Clock.now().nanoseconds / 1_000_000)
            let late = Int32(bitPattern: milliseconds &- code)
            if late >= 0 { latency.record(nanoseconds: Int64(late) * 1_000_000) }
        }
    }
}
