package import Media

/// How long a viewer's player is to hold pictures back at least, so that what a lossy line loses is back in time
/// (header extension `playout-delay`, http://www.webrtc.org/experiments/rtp-hdrext/playout-delay).
///
/// Players size their buffers by jitter, and leave out the packets that were asked for again: on a line that loses much but
/// has no jitter, every packet lost twice would stop the picture. A line without losses gets no delay at all.
package struct PlayoutDelay: Sendable {
    /// In tens of milliseconds, as the extension has it: a packet's own copy keeps what it first said.
    package typealias Units = UInt8

    /// From this share of packets lost on, one of them is lost twice every few seconds.
    package static let fromLoss = 0.02
    package static let maximum = Duration.milliseconds(400)
    /// Longer than a burst of losses is from the next: each change of the delay is seen as a slower or faster picture.
    package static let memory = Duration.seconds(15)
    /// For how long the end of a delay is told.
    private static let farewell = Duration.seconds(2)

    /// nil: nothing is to be said.
    package private(set) var units: Units?
    /// When the present delay was last needed.
    private var needed: Instant?

    package init() {}

    /// - Parameters:
    ///   - loss: share of the packets lost lately, 0...1; nil while unknown.
    ///   - roundTrip: nil while unknown.
    package mutating func update(loss: Double?, roundTrip: Duration?, now: Instant) {
        let wanted = Self.delay(loss: loss ?? 0, roundTrip: roundTrip ?? .zero)
        if wanted > 0, wanted >= units ?? 0 {
            units = wanted
            needed = now
            return
        }
        guard let units, let needed else { return }
        if now - needed >= Self.memory + Self.farewell {
            self.units = nil
        } else if units > 0, now - needed >= Self.memory {
            self.units = wanted
            if wanted > 0 { self.needed = now }
        }
    }

    /// A packet is missed with the one behind it, a frame later at most, and comes a round trip after that. One that is lost
    /// twice comes a round trip later still, which most pictures stand without its being seen.
    private static func delay(loss: Double, roundTrip: Duration) -> Units {
        guard loss >= fromLoss else { return 0 }
        let delay = min(.milliseconds(33) + roundTrip, maximum)
        return Units((delay.inNanoseconds + 9_999_999) / 10_000_000)
    }
}
