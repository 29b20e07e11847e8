/// How many bytes may be in flight: slow start, congestion avoidance and fast recovery of RFC 9260 §7.2, in bytes of
/// payload.
///
/// Starts at ten packets as TCP does (RFC 6928) instead of four.
struct CongestionWindow {
    private(set) var size: Int
    private var threshold = Int.max
    private var acknowledgedPart = 0
    /// Fast recovery lasts until this TSN is acknowledged.
    private var recoveryEnd: Int64?
    private let mtu: Int

    init(mtu: Int) {
        self.mtu = mtu
        size = 10 * mtu
    }

    var isRecovering: Bool { recoveryEnd != nil }

    /// `bytes` left the flight and the cumulative TSN advanced. `wasFull`: the window had been in use up to its end.
    mutating func acknowledge(_ bytes: Int, cumulative: Int64, wasFull: Bool) {
        if let recoveryEnd {
            if cumulative >= recoveryEnd { self.recoveryEnd = nil }
            return
        }
        if size <= threshold {
            if wasFull { size += min(bytes, mtu) }
        } else {
            acknowledgedPart += bytes
            if acknowledgedPart >= size {
                acknowledgedPart -= size
                if wasFull { size += mtu }
            }
        }
    }

    /// A loss seen through gaps. Answers whether this began a recovery; further losses within one do not count.
    mutating func lose(highestSent: Int64) -> Bool {
        guard recoveryEnd == nil else { return false }
        shrink()
        size = threshold
        recoveryEnd = highestSent
        return true
    }

    mutating func timeOut() {
        shrink()
        size = mtu
        recoveryEnd = nil
    }

    private mutating func shrink() {
        threshold = max(size / 2, 4 * mtu)
        acknowledgedPart = 0
    }
}
