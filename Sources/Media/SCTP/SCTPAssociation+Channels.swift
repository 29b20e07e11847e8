/// Data channels (RFC 8831, RFC 8832).
extension SCTPAssociation {
    /// Opens a channel on the lowest free id of our parity. It may be sent on at once; `channelOpened` follows when the
    /// peer has agreed. A channel too many, or beyond the peer's streams, is closed at once: `channelClosed` follows.
    /// `priority` (RFC 8831 §6.4) is only told to the peer.
    package mutating func openChannel(
        label: String, protocol subprotocol: String = "", reliability: ChannelReliability = .reliable,
        ordered: Bool = true, priority: UInt16 = 256, now: Instant
    ) -> ChannelID {
        let ids = stride(from: usesEvenStreams ? 0 : 1, to: Int(UInt16.max), by: 2).lazy.map { UInt16($0) }
        let id = ids.first { channels[$0] == nil && !reset.isBusy($0) } ?? 0
        if case .ended = state { return ChannelID(id) }
        guard channels.count < configuration.maxChannels, id < peer?.outgoingStreams ?? configuration.streams else {
            events.append(.channelClosed(ChannelID(id)))
            return ChannelID(id)
        }
        channels[id] = DataChannel(
            state: .opening(label: label, protocol: subprotocol), ordered: ordered, reliability: reliability)
        let open = DCEPMessage.open(
            ordered: ordered, reliability: reliability, priority: priority, label: label, protocol: subprotocol)
        send(open, on: id)
        return ChannelID(id)
    }

    /// Queues a message, to go as the channel's reliability has it.
    package mutating func send(
        _ message: [UInt8], isText: Bool, on id: ChannelID, now: Instant
    ) throws(SCTPSendError) {
        guard let channel = channels[id.rawValue], acceptsMessages else { throw .notOpen }
        let isOpen: Bool
        switch channel.state {
        case .closing: throw .notOpen
        case .opening: isOpen = false
        case .open: isOpen = true
        }
        guard message.count <= configuration.maxMessageSize else { throw .tooLarge }
        let cost = max(message.count, 1) + SCTPSender.messageOverhead
        guard sender.bufferedCost + cost <= configuration.sendBufferLimit else { throw .bufferFull }
        let ppid =
            message.isEmpty
            ? (isText ? ChannelPayload.emptyText : ChannelPayload.emptyBinary)
            : (isText ? ChannelPayload.text : ChannelPayload.binary)
        var expiry: Instant?
        if case .maxLifetime(let milliseconds) = channel.reliability { expiry = now + .milliseconds(milliseconds) }
        sender.enqueue(
            .init(
                stream: id.rawValue, ppid: ppid, payload: message.isEmpty ? [0] : message,
                isOrdered: channel.ordered || !isOpen, reliability: channel.reliability, expiry: expiry))
    }

    /// Stops both directions once what is queued has been delivered; `channelClosed` follows.
    package mutating func closeChannel(_ id: ChannelID, now: Instant) {
        beginClosing(id.rawValue)
        advanceResets(now: now)
    }

    /// Whether new messages may be queued: not any more when shutting down.
    private var acceptsMessages: Bool {
        switch state {
        case .closed, .cookieWait, .cookieEchoed, .established: true
        default: false
        }
    }

    /// Not counted against the send buffer: there is one for each channel at most.
    private mutating func send(_ message: DCEPMessage, on stream: UInt16) {
        sender.enqueue(
            .init(
                stream: stream, ppid: ChannelPayload.dcep, payload: message.serialize(), isOrdered: true,
                reliability: .reliable))
    }

    /// Takes complete messages from the receiver.
    mutating func takeDelivered() {
        while let message = receiver.delivered.popFirst() { take(message) }
    }

    private mutating func take(_ message: SCTPReceiver.Message) {
        if message.ppid == ChannelPayload.dcep { return take(dcep: message) }
        let content: (bytes: [UInt8], isText: Bool)
        switch message.ppid {
        case ChannelPayload.text: content = (message.payload, true)
        case ChannelPayload.binary: content = (message.payload, false)
        case ChannelPayload.emptyText: content = ([], true)
        case ChannelPayload.emptyBinary: content = ([], false)
        default: return discardMessage()
        }
        acknowledgeOpening(message.stream)
        guard case .open = channels[message.stream]?.state else { return discardMessage() }
        events.append(.message(ChannelID(message.stream), bytes: content.bytes, isText: content.isText))
    }

    private mutating func take(dcep message: SCTPReceiver.Message) {
        let stream = message.stream
        switch try? DCEPMessage(parsing: message.payload.span.bytes) {
        case .ack: acknowledgeOpening(stream)
        case .open(let ordered, let reliability, _, let label, let subprotocol):
            if channels[stream] != nil {
                // RFC 8832 §6: an error, which closes the channel.
                return beginClosing(stream)
            }
            guard (stream % 2 == 0) != usesEvenStreams, channels.count < configuration.maxChannels,
                acceptsMessages, let peer, stream < peer.outgoingStreams, !reset.isBusy(stream)
            else {
                discardMessage()
                if let peer, stream < peer.outgoingStreams, peer.canReset, !reset.isBusy(stream) {
                    reset.waiting.insert(stream)
                }
                return
            }
            channels[stream] = DataChannel(state: .open, ordered: ordered, reliability: reliability)
            send(.ack, on: stream)
            events.append(
                .channelOpened(
                    ChannelID(stream), label: label, protocol: subprotocol, ordered: ordered, reliability: reliability))
        case nil: discardMessage()
        }
    }

    private mutating func beginClosing(_ stream: UInt16) {
        guard let channel = channels[stream] else { return }
        if case .closing = channel.state { return }
        guard isConnected, peer?.canReset == true else { return forgetChannel(stream) }
        channels[stream]?.state = .closing(outgoingIsReset: false, incomingIsReset: false)
        reset.waiting.insert(stream)
    }

    /// By DATA_CHANNEL_ACK, or by a message, which says as much.
    private mutating func acknowledgeOpening(_ stream: UInt16) {
        guard let channel = channels[stream], case .opening(let label, let subprotocol) = channel.state else { return }
        channels[stream]?.state = .open
        events.append(
            .channelOpened(
                ChannelID(stream), label: label, protocol: subprotocol, ordered: channel.ordered,
                reliability: channel.reliability))
    }
}

extension SCTPStreamReset {
    /// Whether a reset of our side of this stream is wanted or under way.
    func isBusy(_ stream: UInt16) -> Bool {
        waiting.contains(stream) || outstanding?.streams.contains(stream) == true
    }
}
