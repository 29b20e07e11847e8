import Media

/// What a line does to the packets that come over it.
package struct LineQuality: Sendable, Equatable {
    /// Share of the packets that get lost, 0…1.
    package var loss: Double
    /// Bits a second, with IP and UDP headers; nil for as much as comes.
    package var bitrate: Int?

    package init(loss: Double, bitrate: Int?) {
        self.loss = loss
        self.bitrate = bitrate
    }
}

/// The bad line of one viewer, simulated behind its socket: packets get lost at random, and the others come out one after
/// the other, as fast as the line carries them. What would wait longer than the line's buffer holds is lost as well.
struct BadLine: Sendable {
    /// What the buffer holds, as a home router's does.
    static let longestWait = Duration.milliseconds(300)
    /// Bytes that IPv4 and UDP add to a datagram.
    static let overhead = 28

    private let quality: LineQuality
    /// In order; those before `first` have left.
    private var waiting: [(bytes: [UInt8], due: Instant)] = []
    private var first = 0
    /// When the line has carried all that is in it.
    private var isFree = Instant(nanoseconds: .min)
    private(set) var dropped = 0

    init(_ quality: LineQuality) {
        self.quality = quality
    }

    mutating func enter(
        _ datagram: UnsafeRawBufferPointer, now: Instant, using generator: inout some RandomNumberGenerator
    ) {
        let start = max(now, isFree)
        guard Double.random(in: 0..<1, using: &generator) >= quality.loss, start - now <= Self.longestWait else {
            dropped += 1
            return
        }
        let bits = 8 * Int64(datagram.count + Self.overhead)
        let due = start + .nanoseconds(quality.bitrate.map { bits * 1_000_000_000 / Int64(max(1, $0)) } ?? 0)
        isFree = due
        waiting.append((Array(datagram), due))
    }

    /// The next datagram that has come through by now, and when it did.
    mutating func leave(by now: Instant) -> (bytes: [UInt8], due: Instant)? {
        guard first < waiting.count, waiting[first].due <= now else { return nil }
        defer {
            first += 1
            if first == waiting.count || first > 256 {
                waiting.removeFirst(first)
                first = 0
            }
        }
        return waiting[first]
    }
}
