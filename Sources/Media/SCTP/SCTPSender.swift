/// The sending half of an association: queues of messages, fragments in flight, their loss and retransmission, and
/// giving up on them by partial reliability (RFC 9260 §6 and §7, RFC 3758).
///
/// Streams with queued messages take turns, a message each; plain DATA cannot interleave messages (RFC 8260 can).
/// TSNs are 64-bit here and cut to 32 on the wire. RFC 9260's limits on bursts (§6.1 D) and on idle windows (§7.2.1)
/// are left out: data channels carry little, and media is paced elsewhere.
struct SCTPSender {
    /// What a queued message costs beyond its payload, in bytes, so that tiny ones are bounded too.
    static let messageOverhead = 64

    struct Message {
        var stream: UInt16
        var ppid: UInt32
        var payload: [UInt8]
        var isOrdered: Bool
        var reliability: ChannelReliability
        /// Set when the reliability is a lifetime.
        var expiry: Instant?
    }

    /// A fragment that has a TSN.
    struct Chunk {
        enum Fate {
            case inFlight
            /// To be sent again.
            case lost
            /// By a gap block only; the peer may take it back.
            case acknowledged
            case abandoned
        }

        var data: SCTPData
        var message: Int
        var reliability: ChannelReliability
        var expiry: Instant?
        var fate = Fate.inFlight
        var transmissions: UInt32 = 1
        /// How many SACKs told of later chunks but not of this one.
        var misses = 0
        var wasFastRetransmitted = false
        /// The last SACK, by count, that had it in a gap block.
        var reportedIn = 0

        var size: Int { data.payload.count }
    }

    private struct Stream {
        var nextSequence: UInt16 = 0
        var queue = FIFO<Message>()
    }

    /// The message being cut into fragments.
    struct Partial {
        var message: Message
        var id: Int
        var offset = 0
        var sequence: UInt16 = 0
    }

    var timeout: RetransmissionTimeout
    var window: CongestionWindow
    /// Everything up to this TSN is acknowledged.
    var cumulative: Int64
    /// What the peer may skip to: all up to here is acknowledged or given up on.
    var skipPoint: Int64
    var nextTSN: Int64
    /// The chunks after `cumulative`, without gaps.
    var outstanding = FIFO<Chunk>()
    /// Bytes of payload in flight.
    var flight = 0
    var lostCount = 0
    var acknowledgedCount = 0
    /// What the peer can still take, in bytes; known once the peer is.
    var peerWindow = 0
    /// Whether the peer knows FORWARD TSN. Otherwise what was once sent is never given up on.
    var peerCanSkip = false
    /// One packet of retransmissions may go whatever the congestion window (RFC 9260 §7.2.4).
    var fastRetransmitIsDue = false
    var forwardTSNIsDue = false
    /// When T3-rtx expires, if it runs.
    var deadline: Instant?
    /// The chunk whose round trip is being measured (Karn: never one sent twice).
    var probe: (tsn: Int64, sent: Instant)?
    var sackCount = 0
    /// Timeouts in a row without a SACK.
    var failures = 0
    var partial: Partial?
    /// Bytes and number of messages queued or in flight.
    var bufferedAmount = 0
    var bufferedMessages = 0
    var abandonedMessages = 0
    var retransmittedChunks = 0
    private var streams: [UInt16: Stream] = [:]
    /// Streams with queued messages, the next first.
    private var ready: [UInt16] = []
    private var nextMessage = 0
    let maxPayload: Int

    init(initialTSN: UInt32, _ configuration: SCTPConfiguration) {
        timeout = RetransmissionTimeout(configuration)
        window = CongestionWindow(mtu: configuration.mtu)
        nextTSN = Int64(initialTSN)
        cumulative = nextTSN - 1
        skipPoint = cumulative
        maxPayload = max(configuration.mtu - SCTPPacket.headerSize - SCTPData.headerSize, 4) & ~3
    }

    /// With the overhead of messages, for comparison with the configured limit.
    var bufferedCost: Int { bufferedAmount + bufferedMessages * Self.messageOverhead }

    /// Nothing is queued and everything is acknowledged.
    var isDrained: Bool { outstanding.isEmpty && !hasUnsent }

    var hasUnsent: Bool { partial != nil || !ready.isEmpty }

    /// Whether `fill` would find something to send.
    var canSend: Bool {
        forwardTSNIsDue || lostCount > 0 && (flight < window.size || fastRetransmitIsDue)
            || hasUnsent && flight < window.size && (peerWindow > 0 || flight == 0)
    }

    func isDrained(stream: UInt16) -> Bool {
        if let partial, partial.message.stream == stream { return false }
        guard streams[stream]?.queue.isEmpty ?? true else { return false }
        return !(0..<outstanding.count).contains { outstanding[$0].data.stream == stream }
    }

    mutating func enqueue(_ message: Message) {
        bufferedAmount += message.payload.count
        bufferedMessages += 1
        if streams[message.stream, default: Stream()].queue.isEmpty { ready.append(message.stream) }
        streams[message.stream, default: Stream()].queue.append(message)
    }

    /// Drops what no fragment has been sent of, for a channel that the peer closed.
    mutating func discardQueued(stream: UInt16) {
        if let partial, partial.message.stream == stream, partial.offset == 0 {
            settle(partial.message)
            self.partial = nil
        }
        ready.removeAll { $0 == stream }
        while let message = streams[stream]?.queue.popFirst() { settle(message) }
    }

    /// The stream starts over with sequence number 0 (RFC 6525 §5.2.2).
    mutating func resetSequence(stream: UInt16) {
        streams[stream]?.nextSequence = 0
    }

    /// The next fragment of at most `room` bytes of payload, with its TSN; nil when none fits.
    mutating func nextFragment(room: Int, now: Instant) -> SCTPData? {
        while true {
            guard var partial = partial ?? dequeue() else { return nil }
            self.partial = partial
            if let expiry = partial.message.expiry, now >= expiry, partial.offset == 0 || peerCanSkip {
                abandonPartial()
                continue
            }
            let rest = partial.message.payload.count - partial.offset
            let size = min(rest, maxPayload, room)
            // Not split further than needed, unless that fills a packet usefully.
            guard size > 0, size == rest || size >= maxPayload / 2 else { return nil }
            guard size <= peerWindow || flight == 0 else { return nil }
            if partial.offset == 0, partial.message.isOrdered {
                partial.sequence = streams[partial.message.stream, default: Stream()].nextSequence
                streams[partial.message.stream, default: Stream()].nextSequence &+= 1
            }
            let end = partial.offset + size
            var data = partial.data(tsn: UInt32(truncatingIfNeeded: nextTSN), upTo: end)
            partial.offset = end
            self.partial = data.ends ? nil : partial
            data.wantsImmediateSack = !hasUnsent
            outstanding.append(
                Chunk(
                    data: data, message: partial.id, reliability: partial.message.reliability,
                    expiry: partial.message.expiry))
            if probe == nil { probe = (nextTSN, now) }
            nextTSN += 1
            flight += size
            peerWindow = max(0, peerWindow - size)
            return data
        }
    }

    private mutating func dequeue() -> Partial? {
        while let stream = ready.first {
            ready.removeFirst()
            guard let message = streams[stream]?.queue.popFirst() else { continue }
            if streams[stream]?.queue.isEmpty == false { ready.append(stream) }
            nextMessage += 1
            return Partial(message: message, id: nextMessage)
        }
        return nil
    }

    private mutating func settle(_ message: Message) {
        bufferedAmount -= message.payload.count
        bufferedMessages -= 1
    }
}

extension SCTPSender.Partial {
    /// The fragment from `offset` up to `end`.
    func data(tsn: UInt32, upTo end: Int) -> SCTPData {
        SCTPData(
            tsn: tsn, stream: message.stream, sequence: sequence, ppid: message.ppid,
            isUnordered: !message.isOrdered, begins: offset == 0, ends: end == message.payload.count,
            payload: message.payload[offset..<end])
    }
}
