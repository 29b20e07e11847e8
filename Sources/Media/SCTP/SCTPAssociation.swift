/// One SCTP association over DTLS, carrying WebRTC data channels: RFC 9260 with partial reliability (RFC 3758) and
/// stream reset (RFC 6525), as RFC 8831 and RFC 8832 use them. A value with one owner; it has no clock and no socket.
/// Packets from the peer go into `receive`; after that, after `advance` and after every call that takes `now`, the
/// owner takes packets with `pollPacket` and events with `pollEvent` until each answers nil, and calls `advance`
/// again at `nextTimeout`.
///
/// Departures from RFC 9260: one path without addresses; no ECN, no authentication, no path MTU discovery; timing as
/// `SCTPConfiguration` says; a packet out of the blue is answered only once the association has ended. DTLS keeps
/// strangers out, so the limits here hold against a peer, not against floods.
package struct SCTPAssociation {
    enum State {
        case closed
        case cookieWait
        case cookieEchoed(cookie: [UInt8])
        case established
        /// Shutting down, until all is acknowledged.
        case shutdownPending
        case shutdownSent
        case shutdownReceived
        case shutdownAckSent
        case ended
    }

    struct Peer {
        var tag: UInt32
        /// Streams agreed on, each way: ids are below.
        var outgoingStreams: UInt16
        var incomingStreams: UInt16
        var canReset: Bool
    }

    /// INIT, COOKIE ECHO, SHUTDOWN or SHUTDOWN ACK until answered: T1 and T2 of RFC 9260.
    struct Repetition {
        var deadline: Instant
        var interval: Duration
        var count = 0
    }

    let role: SCTPRole
    let usesEvenStreams: Bool
    let configuration: SCTPConfiguration
    let localPort: UInt16
    let remotePort: UInt16
    let cookieKey: [UInt8]
    var localTag: UInt32
    var localInitialTSN: UInt32
    /// Counts the tags made for a peer that starts over.
    var restarts: UInt64 = 0

    var state = State.closed
    /// Nil until an INIT ACK or a COOKIE ECHO named it.
    var peer: Peer?
    var sender: SCTPSender
    var receiver: SCTPReceiver
    var reset: SCTPStreamReset
    var channels: [UInt16: DataChannel] = [:]
    /// Packets that stand alone or carry a tag of their own.
    var outbox = FIFO<SCTPPacket>()
    /// Chunks to send before data.
    var control = FIFO<SCTPChunk>()
    var events = FIFO<SCTPEvent>()
    var repetition: Repetition?
    var heartbeat = SCTPHeartbeat()
    private var discards = SCTPStatistics()

    /// `usesEvenStreams`: whether channels opened here have even ids, as the DTLS client's have (RFC 8832 §6).
    package init(
        role: SCTPRole, usesEvenStreams: Bool, configuration: SCTPConfiguration = SCTPConfiguration(),
        localPort: UInt16 = 5000, remotePort: UInt16 = 5000, now: Instant,
        using generator: inout some RandomNumberGenerator
    ) {
        self.role = role
        self.usesEvenStreams = usesEvenStreams
        self.configuration = configuration
        self.localPort = localPort
        self.remotePort = remotePort
        cookieKey = (0..<32).map { _ in generator.next() }
        localTag = generator.next(upperBound: .max) + 1
        localInitialTSN = generator.next()
        sender = SCTPSender(initialTSN: localInitialTSN, configuration)
        receiver = SCTPReceiver(initialTSN: 0, configuration)
        reset = SCTPStreamReset(localInitialTSN: localInitialTSN, peerInitialTSN: 0)
    }

    // MARK: Ends of it

    /// The active side queues its INIT; the passive one just waits for the peer's.
    package mutating func start(now: Instant) {
        guard case .closed = state, role == .active else { return }
        state = .cookieWait
        sendInitiation()
        repeatLater(now: now)
    }

    /// Delivers what is queued, then tells the peer and ends. Ends at once when not connected.
    package mutating func shutdown(now: Instant) {
        switch state {
        case .closed, .cookieWait, .cookieEchoed: end(.shutdown)
        case .established:
            state = .shutdownPending
            advanceShutdown(now: now)
        default: break
        }
    }

    /// Tells the peer, if there is one, and ends.
    package mutating func abort() {
        abort(.aborted, cause: SCTPParameter(type: SCTPErrorCause.userInitiatedAbort, value: []))
    }

    mutating func abort(_ reason: SCTPCloseReason, cause: SCTPParameter?) {
        if case .ended = state { return }
        if let peer {
            send(.abort(reflectsTag: false, causes: cause.map { [$0] } ?? []), tag: peer.tag)
        }
        end(reason)
    }

    mutating func end(_ reason: SCTPCloseReason) {
        if case .ended = state { return }
        state = .ended
        channels = [:]
        repetition = nil
        control.removeAll()
        discards = statistics
        sender = SCTPSender(initialTSN: localInitialTSN, configuration)
        receiver = SCTPReceiver(initialTSN: 0, configuration)
        reset = SCTPStreamReset(localInitialTSN: localInitialTSN, peerInitialTSN: 0)
        events.append(.closed(reason))
    }

    // MARK: Observing

    package mutating func pollEvent() -> SCTPEvent? {
        events.popFirst()
    }

    /// Bytes of messages not yet acknowledged by the peer.
    package var bufferedAmount: Int { sender.bufferedAmount }

    package var isConnected: Bool {
        switch state {
        case .closed, .cookieWait, .cookieEchoed, .ended: false
        default: true
        }
    }

    package var statistics: SCTPStatistics {
        var statistics = discards
        statistics.abandonedMessages += sender.abandonedMessages
        statistics.retransmittedChunks += sender.retransmittedChunks
        return statistics
    }

    mutating func discardPacket() { discards.discardedPackets += 1 }
    mutating func discardMessage() { discards.discardedMessages += 1 }

    // MARK: Queueing

    /// A packet of one chunk, with its own tag.
    mutating func send(_ chunk: SCTPChunk, tag: UInt32) {
        guard outbox.count < 16 else { return }
        outbox.append(
            SCTPPacket(sourcePort: localPort, destinationPort: remotePort, verificationTag: tag, chunks: [chunk]))
    }

    /// A chunk for the next packet to the peer. Answers to a peer that is never listened to are dropped.
    mutating func queue(_ chunk: SCTPChunk) {
        guard control.count < 64 else { return }
        control.append(chunk)
    }

    mutating func repeatLater(now: Instant) {
        let interval = sender.timeout.current
        repetition = Repetition(deadline: now + interval, interval: interval)
    }

    /// Forgets the channels and all data of an association that the peer began anew.
    mutating func startOver(cookie: SCTPCookie) {
        for id in channels.keys.sorted() { events.append(.channelClosed(ChannelID(id))) }
        channels = [:]
        discards = statistics
        localTag = cookie.localTag
        localInitialTSN = cookie.localInitialTSN
        sender = SCTPSender(initialTSN: localInitialTSN, configuration)
        control.removeAll()
    }
}
