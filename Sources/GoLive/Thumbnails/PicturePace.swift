/// How often a live stream's picture is made. Keyframes that come by cost nothing; one is asked for only when the picture
/// has grown old.
struct PicturePace: Sendable {
    /// Between two pictures, and how long a keyframe is waited for.
    var interval = Duration.seconds(30)
    /// The age at which a keyframe is asked for.
    var age = Duration.seconds(120)
    /// When the last picture was made; nil: none of this stream yet.
    private(set) var last: ContinuousClock.Instant?

    init(interval: Duration = .seconds(30), age: Duration = .seconds(120)) {
        self.interval = interval
        self.age = age
    }

    func asks(at now: ContinuousClock.Instant) -> Bool { last.map { now - $0 >= age } ?? true }

    /// When the next round begins.
    ///
    /// - Parameters:
    ///   - start: of this round.
    ///   - madePicture: when it brought one; nil: none.
    mutating func next(after start: ContinuousClock.Instant, madePicture: ContinuousClock.Instant?)
        -> ContinuousClock.Instant
    {
        last = madePicture ?? last
        return (madePicture ?? start) + interval
    }
}
