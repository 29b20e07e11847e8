import Media

/// Keeps a fan-out near what is live, one value a layer. A worker that has more to do than its core bears comes to each packet later
/// than to the one before, until it is as late as the ring is long, and its viewers with it. They are better served by a jump:
/// what is too old is passed over up to the newest keyframe, and where there is none, one is asked for.
struct FanoutLag {
    /// How late a packet may be forwarded.
    static let limit = Duration.seconds(1)
    /// Between two keyframes asked for.
    static let askingInterval = Duration.seconds(2)

    enum Remedy {
        /// Nothing is late.
        case none
        /// There is nothing newer to go on from.
        case wait
        case askForKeyframe
        /// Read on from this packet.
        case skip(to: PacketInfo)
    }

    private var asked: Instant?

    /// - Parameter next: the packet that is to be forwarded now. Frames are not cut: nothing is passed over from within one.
    mutating func remedy(_ next: PacketInfo, in ring: PacketRing, isVideo: Bool, now: Instant) -> Remedy {
        guard now - next.arrival > Self.limit else { return .none }
        if let place = isVideo ? ring.keyframeStart : ring.newestMedia, place.index > next.index {
            return !isVideo || next.isFrameStart ? .skip(to: place) : .wait
        }
        guard isVideo, asked.map({ now - $0 >= Self.askingInterval }) ?? true else { return .wait }
        asked = now
        return .askForKeyframe
    }
}
