package import Media

/// How loud a publication is and whether its participant speaks, from the levels its packets state (RFC 6464).
///
/// Each `window` gives the loudest level of its speech, weighed by the share of the window that was speech, as an
/// amplitude; windows are smoothed exponentially. Someone speaks while that is at least the amplitude of `threshold`.
package struct AudioLevelMeter: Sendable {
    package static let window = Duration.milliseconds(400)
    /// −dBov; a packet at least this loud is speech.
    package static let threshold: UInt8 = 35
    /// Share of the window that has to be speech for it to count.
    package static let minimumShare: Float = 0.4
    /// Of a new window in the smoothed level: two windows' average.
    package static let smoothing: Float = 2 / 3

    /// 10^(−dB/20) for 0...127 dB.
    private static let amplitudes: [Float] = {
        var (list, amplitude) = ([Float](), 1.0)
        for _ in 0..<128 {
            list.append(Float(amplitude))
            amplitude *= 0.891_250_938_133_745_6
        }
        return list
    }()

    private var windowStart: Instant?
    private var loudest: UInt8 = 127
    /// Packets of speech, and all, in this window: packets of one stream last equally long.
    private var spoken = 0
    private var heard = 0

    /// 0 (silence) to 1.
    package private(set) var level: Float = 0
    package var isActive: Bool { level >= Self.amplitudes[Int(Self.threshold)] }

    package init() {}

    /// - Parameter level: −dBov, 0...127.
    package mutating func receive(_ level: UInt8, at now: Instant) {
        advance(to: now)
        if windowStart == nil { windowStart = now }
        heard += 1
        if level <= Self.threshold {
            spoken += 1
            loudest = min(loudest, level)
        }
    }

    /// Closes the windows that are over; call it now and then also when nothing is received, so that a speaker whose
    /// packets end falls silent.
    package mutating func advance(to now: Instant) {
        guard let start = windowStart, now - start >= Self.window else { return }
        let share = heard > 0 ? Float(spoken) / Float(heard) : 0
        let amplitude = share >= Self.minimumShare ? Self.amplitudes[Int(min(loudest, 127))] * share : 0
        level += (amplitude - level) * Self.smoothing
        // Windows that passed in silence.
        var next = start + Self.window
        while now - next >= Self.window, level > 0.0001 {
            level -= level * Self.smoothing
            next = next + Self.window
        }
        if level <= 0.0001 { level = 0 }
        windowStart = level > 0 || heard > 0 ? max(next, now - Self.window) : nil
        loudest = 127
        spoken = 0
        heard = 0
    }
}
