import Media

/// How much one viewer's stream may send again: half of what it sent, and a burst for an outage. A viewer that asks for
/// everything ten times over then costs no more than one that loses a third of its packets, as nobody who can watch does. On
/// a line that is known the burst is what it carries in a moment: what does not fit would only push out more.
struct RetransmissionAllowance: BitwiseCopyable {
    /// Bytes that may be sent again at once: a third of a second of a 3 Mbit/s stream.
    static let capacity = 128 << 10

    /// The same on the narrowest line: a few packets.
    static let minimumCapacity = 6 << 10
    /// What a line that is known carries within this may be sent again at once.
    static let moment = Duration.milliseconds(250)

    private var capacity = Int32(Self.capacity)
    private var bytes = Int32(Self.capacity)

    mutating func sent(_ count: Int) {
        bytes = min(bytes + Int32(truncatingIfNeeded: count / 2), capacity)
    }

    /// - Parameter line: bits a second that the viewer's line carries; nil while unknown.
    mutating func limit(to line: Int?) {
        let room = line.map { Int(Double($0) / 8 * Self.moment.inSeconds) } ?? Self.capacity
        capacity = Int32(min(max(room, Self.minimumCapacity), Self.capacity))
        bytes = min(bytes, capacity)
    }

    func affords(_ count: Int) -> Bool { count <= Int(bytes) }

    mutating func take(_ count: Int) {
        bytes -= Int32(truncatingIfNeeded: count)
    }
}
