/// A data channel, by the id of the two streams that carry it.
package struct ChannelID: Hashable, Sendable, CustomStringConvertible {
    package var rawValue: UInt16

    package init(_ rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package var description: String { "\(rawValue)" }
}

/// How hard a channel tries to deliver a message (RFC 8832 §5.1).
package enum ChannelReliability: Hashable, Sendable {
    case reliable
    /// Sent once and at most this many times more.
    case maxRetransmits(UInt32)
    /// Milliseconds after which a message is given up on.
    case maxLifetime(UInt32)
}

/// What an association tells its owner.
package enum SCTPEvent: Equatable, Sendable {
    case connected
    /// Opened by the peer, or opened here and acknowledged by the peer.
    case channelOpened(
        ChannelID, label: String, protocol: String, ordered: Bool, reliability: ChannelReliability)
    case message(ChannelID, bytes: [UInt8], isText: Bool)
    /// Both directions are reset, or the channel could not be opened. The id may be used anew.
    case channelClosed(ChannelID)
    /// The last event there is. Channels are not closed one by one.
    case closed(SCTPCloseReason)
}

package enum SCTPCloseReason: Hashable, Sendable {
    /// By SHUTDOWN, from either side.
    case shutdown
    /// By `abort()`.
    case aborted
    /// The peer's ABORT, with the code of its first error cause.
    case abortedByPeer(cause: UInt16?)
    /// The peer answers no more.
    case timedOut
    /// The peer broke the rules or a stated limit.
    case violation
}

/// Why a message was not queued.
package enum SCTPSendError: Error, Equatable, Sendable {
    case tooLarge
    case bufferFull
    case notOpen
}

/// What was dropped, for logs and tests.
package struct SCTPStatistics: Equatable, Sendable {
    /// Packets with a bad checksum, malformed, or with the wrong port or verification tag.
    package var discardedPackets = 0
    /// Whole messages from the peer dropped for want of a channel or of a known payload type.
    package var discardedMessages = 0
    /// Our own messages given up on by partial reliability.
    package internal(set) var abandonedMessages = 0
    package internal(set) var retransmittedChunks = 0
}
