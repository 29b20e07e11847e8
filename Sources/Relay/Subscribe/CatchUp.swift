package import Media

/// Whether a viewer starts from what the ring remembers, and how fast it is sent.
///
/// A viewer whose line is not known yet gets at least `minimumPace`, at least three times the layer's own rate, and more
/// where it takes more to be live in time, up to `maximumPace`. While its line is being looked at for the first time it
/// gets the keyframe of its smallest picture at once, and little else until the line is known.
package enum CatchUp {
    /// The oldest keyframe that a viewer with no picture begins with.
    package static let maximumAge = Duration.seconds(5)
    /// The oldest keyframe for a viewer who has a picture: what it sees jumps back by this at most.
    package static let maximumJump = Duration.milliseconds(500)
    /// How long a viewer counts as beginning: nobody minds if what they saw first is seen again, larger.
    package static let beginning = Duration.seconds(2)
    /// A viewer is to be live within this.
    package static let maximumDuration = Duration.seconds(1)
    /// Bits a second.
    package static let minimumPace = 4_000_000
    /// The same during a line's first look.
    package static let testingPace = 300_000
    /// Bytes that leave at once during a line's first look: a keyframe of a small picture.
    package static let testingBurst = 10_000
    /// Bytes that leave at once later: what TCP begins with.
    package static let burst = 15_000
    /// Bits a second, unless three times the layer's rate is more.
    package static let maximumPace = 16_000_000
    /// What leaves at `maximumPace` of a start on a line that is not known, whatever is aimed at: as much as a keyframe of
    /// 720p at 2 Mbit/s takes. The first picture is there at once, and a narrow line was sent no more than it would have
    /// been at `minimumPace` before its first feedback.
    package static let opening = Pacer.Opening(bytes: 64_000, rate: maximumPace)
    /// The share of `maximumDuration` that is aimed at.
    private static let aim = 0.75
    /// Header, authentication tag and UDP/IP of one packet, on top of what the ring has of it.
    package static let packetOverhead = 60

    /// Bits a second for a start from `start`.
    ///
    /// - Parameter line: bits a second that the viewer's line is known to carry.
    package static func pace(for start: CachedStart, line: Int?, now: Instant) -> Int {
        pace(backlog: start.backlog, bitrate: start.bitrate(now), line: line)
    }

    /// As above; `backlog` in bytes, `bitrate` in bits a second.
    package static func pace(backlog: Int, bitrate: Int, line: Int?) -> Int {
        if let line { return line }
        let timely = Int(Double(backlog * 8) / aim) + bitrate
        return max(minimumPace, 3 * bitrate, min(timely, maximumPace))
    }

    /// As `pace`, for a viewer who is on the way, by what the layer takes now: a stream that had just begun looked slower
    /// than it is, and one may grow. At a pace below the layer's own a viewer would be late for ever.
    package static func pace(_ pace: Int, following bitrate: Int, line: Int?) -> Int {
        line ?? max(pace, 3 * bitrate)
    }

    /// Whether what is cached serves: young enough, and caught up in time at the pace it would get.
    package static func serves(
        _ start: CachedStart, within age: Duration, line: Int?, now: Instant
    ) -> Bool {
        guard start.age(now) <= age else { return false }
        let gain = pace(for: start, line: line, now: now) - start.bitrate(now)
        return Double(start.backlog * 8) <= Double(gain) * maximumDuration.inSeconds
    }
}
