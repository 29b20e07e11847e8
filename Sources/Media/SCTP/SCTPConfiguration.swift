/// Limits and timing of an association. The defaults suit data channels of people in a room: many associations, small
/// messages, a path of tens of milliseconds.
package struct SCTPConfiguration: Sendable {
    /// The largest message `send` takes, in bytes. LiveKit's clients stay within 64 KiB.
    package var maxMessageSize = 65_536
    /// The largest message taken from the peer, in bytes, to be told in SDP's `max-message-size`. A larger one ends
    /// the association.
    package var maxReceivedMessageSize = 262_144
    /// Bytes of incomplete and of not yet deliverable messages held, each fragment charged
    /// `SCTPReceiver.fragmentOverhead` more than its payload.
    package var receiveWindow = 1 << 20
    /// Bytes of messages queued or in flight beyond which `send` refuses, each charged `SCTPSender.messageOverhead`
    /// more than its payload.
    package var sendBufferLimit = 1 << 20
    /// Streams told to the peer, each way. State is made only for those used.
    package var streams: UInt16 = 1024
    /// Channels open or closing at a time; more from the peer are reset.
    package var maxChannels = 64
    /// The largest SCTP packet made, in bytes: with DTLS, UDP and IP around it well below 1280.
    package var mtu = 1150

    /// RFC 9260 §16 has 1 s initially, 1 s at least and 60 s at most. Here a lost packet is noticed sooner: the last
    /// chunk of a burst asks to be acknowledged at once (RFC 7053), so the peer's delayed SACK is not waited for.
    package var initialRetransmissionTimeout: Duration = .milliseconds(500)
    package var minRetransmissionTimeout: Duration = .milliseconds(200)
    /// Kept low because the timeout, once backed off, stays so until a chunk gets through at the first attempt.
    package var maxRetransmissionTimeout: Duration = .seconds(2)
    /// How many times INIT, COOKIE ECHO, DATA or SHUTDOWN is repeated in a row without any answer: with the timeouts
    /// above about 30 s, as long as ICE waits.
    package var maxRetransmissions = 16
    /// RFC 9260 §6.2 allows 200 ms; less costs few packets, as data flows rarely.
    package var sackDelay: Duration = .milliseconds(20)
    /// Between HEARTBEATs when no data is in flight.
    package var heartbeatInterval: Duration = .seconds(30)
    /// How long a peer may take to echo a state cookie.
    package var cookieLifetime: Duration = .seconds(60)

    package init() {}
}

/// Who sends INIT. Either answers one.
package enum SCTPRole: Sendable {
    case active
    case passive
}
