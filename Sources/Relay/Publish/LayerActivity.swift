package import Media

/// Whether a layer is being sent, and how much of it.
package struct LayerActivity: Sendable {
    private var bits = RateMeter()
    private var frameStarts = RateMeter()
    package private(set) var lastPacket: Instant?

    package init() {}

    package mutating func receive(byteCount: Int, isFrameStart: Bool, arrival: Instant) {
        lastPacket = arrival
        bits.add(byteCount * 8, at: arrival)
        if isFrameStart { frameStarts.add(1, at: arrival) }
    }

    /// Bits in the last second.
    package mutating func bitrate(_ now: Instant) -> Int { bits.rate(at: now) }

    /// Frames in the last second.
    package mutating func framesPerSecond(_ now: Instant) -> Int { frameStarts.rate(at: now) }

    /// Whether a packet came within `timeout`.
    package func isLive(_ now: Instant, timeout: Duration = .seconds(1)) -> Bool {
        lastPacket.map { now - $0 <= timeout } ?? false
    }
}
