import Media

/// What one subscription has done since its start, and how its viewer receives it.
package struct SubscriptionStatistics: Sendable, BitwiseCopyable {
    /// Media packets written, without retransmissions.
    package var packets: UInt64 = 0
    /// Their extension and payload bytes.
    package var bytes: UInt64 = 0
    /// Packets sent again.
    package var retransmissions: UInt64 = 0
    /// Packets a viewer asked for that were not to be had any more, or too often.
    package var refusedRetransmissions: UInt64 = 0
    /// Gaps filled with an empty packet.
    package var fillers: UInt64 = 0
    /// Layer switches, resumptions and publisher restarts.
    package var switches: UInt64 = 0
    package var keyframes: UInt64 = 0
    /// Packets sent while behind.
    package var replayed: UInt64 = 0

    /// Packets of the chosen layer that were not passed on, by reason.
    package struct Drops: Sendable, BitwiseCopyable {
        /// The track is turned off.
        package var paused: UInt64 = 0
        /// Nothing can be decoded before the next keyframe.
        package var waitingForKeyframe: UInt64 = 0
        /// Of a temporal layer that is not wanted.
        package var temporalLayer: UInt64 = 0
        /// Too late for any place in the stream, or there already.
        package var late: UInt64 = 0
    }

    package var drops = Drops()

    /// By the viewer's last report: share of packets lost, 0...1.
    package var fractionLost: Float = 0
    /// By the viewer's last report, since its start.
    package var cumulativeLost: Int32 = 0
    /// By the viewer's last report.
    package var jitter = Duration.zero
    /// nil until the viewer has answered a sender report.
    package var roundTrip: Duration?

    package init() {}
}
