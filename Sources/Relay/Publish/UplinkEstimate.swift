/// What a publisher without transport-wide feedback is told it may send (REMB, draft-alvestrand-rmcat-remb-03): such senders
/// find out nothing by themselves and stay at the rate they began with. Loss is all there is to go by, as in GCC's rules for it
/// (draft-ietf-rmcat-gcc-02 §6), and what arrives says how far the estimate is known to be good.
package struct UplinkEstimate: Sendable {
    /// Bits a second.
    package static let first = 1_000_000
    package static let minimum = 100_000
    package static let maximum = 10_000_000
    private static let raiseBelow = 0.02
    private static let lowerAbove = 0.10

    /// Bits a second.
    package private(set) var rate = first

    package init() {}

    /// To be told once a second.
    ///
    /// - Parameters:
    ///   - loss: share of the packets lost since the last time, 0...1.
    ///   - arriving: bits of video that came in the last second.
    package mutating func update(loss: Double, arriving: Int) {
        if loss > Self.lowerAbove {
            rate = Int(Double(min(rate, max(arriving, Self.minimum))) * (1 - loss / 2))
        } else if loss < Self.raiseBelow {
            // Room to grow, but none that what arrives does not speak for.
            rate = max(rate, min(rate * 5 / 4, arriving * 2))
        }
        rate = min(max(rate, Self.minimum), Self.maximum)
    }
}
