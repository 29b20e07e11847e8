/// How fast one identity has been chatting. Times are milliseconds of one clock.
struct ChatPace: Sendable {
    /// So many messages in so many milliseconds.
    static let burst = 5
    static let window: Int64 = 5000

    /// When the last messages were accepted, oldest first; at most `burst`.
    private var accepted: [Int64] = []

    /// Counts a message, unless it comes too soon: what is refused does not count.
    ///
    /// - Parameter slowMode: seconds between messages.
    mutating func take(slowMode: Int, at now: Int64) -> ChatObjection? {
        // A clock that was set back owes nobody a wait.
        accepted.removeAll { $0 > now }
        if let last = accepted.last {
            let remaining = last + Int64(slowMode) * 1000 - now
            if remaining > 0 { return .slowMode(remaining: remaining) }
        }
        if accepted.count == Self.burst {
            let remaining = accepted[0] + Self.window - now
            if remaining > 0 { return .tooFast(remaining: remaining) }
            accepted.removeFirst()
        }
        accepted.append(now)
        return nil
    }
}

/// How fast one identity has been sending packets of any kind: a bucket that holds a second's worth.
struct DataPace: Sendable {
    /// Packets in a second.
    static let rate = 50.0

    private var level = rate
    private var filledAt: Int64?

    /// - Parameter now: milliseconds of one clock.
    /// - Returns: whether the packet may pass.
    mutating func take(at now: Int64) -> Bool {
        let elapsed = max(0, now - (filledAt ?? now))
        level = min(Self.rate, level + Double(elapsed) * Self.rate / 1000)
        filledAt = now
        guard level >= 1 else { return false }
        level -= 1
        return true
    }
}
