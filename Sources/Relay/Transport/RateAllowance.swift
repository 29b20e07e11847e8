import Media

/// Two token buckets: how many messages and how many bytes a peer may send now. Each holds two seconds' worth.
struct RateAllowance {
    private let limits: DataLimits
    private var messages: Double
    private var bytes: Double
    private var last: Instant

    init(_ limits: DataLimits, now: Instant) {
        self.limits = limits
        messages = Double(limits.messagesPerSecond) * 2
        bytes = Double(limits.bytesPerSecond) * 2
        last = now
    }

    /// Whether one more message of `size` bytes fits; if so, it is charged.
    mutating func take(_ size: Int, now: Instant) -> Bool {
        let seconds = (now - last).inSeconds
        last = now
        messages = min(messages + seconds * Double(limits.messagesPerSecond), Double(limits.messagesPerSecond) * 2)
        bytes = min(bytes + seconds * Double(limits.bytesPerSecond), Double(limits.bytesPerSecond) * 2)
        guard messages >= 1, bytes >= Double(size) else { return false }
        messages -= 1
        bytes -= Double(size)
        return true
    }
}
