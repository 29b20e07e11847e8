/// How much one viewer's stream may send again: half of what it sent, and a burst for an outage. A viewer that asks for
/// everything ten times over then costs no more than one that loses a third of its packets, as nobody who can watch does.
struct RetransmissionAllowance: BitwiseCopyable {
    /// Bytes that may be sent again at once: a third of a second of a 3 Mbit/s stream.
    static let capacity = 128 << 10

    private var bytes = capacity

    mutating func sent(_ count: Int) {
        bytes = min(bytes + count / 2, Self.capacity)
    }

    func affords(_ count: Int) -> Bool { count <= bytes }

    mutating func take(_ count: Int) {
        bytes -= count
    }
}
