import Media

/// How often one viewer's stream may ask for a keyframe, which costs the creator and everybody else bits: a few times in
/// quick succession, as when a keyframe is lost again, and then once every `interval`. `KeyframeGate` bounds what all
/// viewers together ask for.
struct PictureLossAllowance: BitwiseCopyable {
    static let burst = 5.0
    static let interval = Duration.seconds(2)
    /// Requests within this time are one: the keyframe is on its way.
    static let patience = Duration.milliseconds(250)

    private var requests = burst
    private var last: Instant?

    /// Whether one more may be made now; if so, it is charged.
    mutating func take(_ now: Instant) -> Bool {
        if let last {
            guard now - last >= Self.patience else { return false }
            requests = min(requests + (now - last) / Self.interval, Self.burst)
        }
        last = now
        guard requests >= 1 else { return false }
        requests -= 1
        return true
    }
}
