/// Asks a silent peer for a sign of life (RFC 9260 §8.3), and measures the round trip with it.
struct SCTPHeartbeat {
    private static let information: UInt16 = 1

    /// When to send one, or to send one again.
    private(set) var deadline: Instant?
    /// When the unanswered one was sent.
    private var sent: Instant?
    /// Unanswered in a row.
    private(set) var failures = 0

    init(next: Instant? = nil) {
        deadline = next
    }

    /// Not needed for now: data is in flight.
    mutating func postpone(to next: Instant) {
        self = SCTPHeartbeat(next: next)
    }

    /// The chunk's value, sent at `now`; it is taken for lost after `timeout`.
    mutating func send(now: Instant, timeout: Duration) -> [UInt8] {
        if sent != nil { failures += 1 }
        sent = now
        deadline = now + timeout
        var writer = ByteWriter()
        writer.write(UInt64(bitPattern: now.nanoseconds))
        let parameter = SCTPParameter(type: Self.information, value: writer.bytes)
        writer = ByteWriter()
        parameter.serialize(into: &writer)
        return writer.bytes
    }

    /// The round trip, if this answers the last one sent.
    mutating func receiveAck(_ value: [UInt8], now: Instant, next: Instant) -> Duration? {
        var reader = ByteReader(value.span.bytes)
        guard let sent, let parameter = try? SCTPParameter(parsing: &reader) else { return nil }
        var information = ByteReader(parameter.value.span.bytes)
        guard let echoed = try? information.uint64(), Int64(bitPattern: echoed) == sent.nanoseconds else { return nil }
        self.sent = nil
        failures = 0
        deadline = next
        return now - sent
    }

    /// Whether an unanswered one is overdue rather than a new one due.
    var isWaiting: Bool { sent != nil }
}
