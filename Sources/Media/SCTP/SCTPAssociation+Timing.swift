/// Packets out, and what time brings.
extension SCTPAssociation {
    /// The next packet to put into DTLS; nil when there is nothing to send for now.
    package mutating func pollPacket(now: Instant) -> [UInt8]? {
        if let packet = outbox.popFirst() { return packet.serialize() }
        guard let peer else { return nil }
        var packet = SCTPPacketAssembly(mtu: configuration.mtu)
        while let chunk = control.first {
            if packet.append(chunk) {
                _ = control.popFirst()
            } else if !packet.chunks.isEmpty {
                break
            } else {
                // Larger than a packet should be: a cookie must be echoed all the same, other echoes need not.
                _ = control.popFirst()
                if case .cookieEcho = chunk { packet.appendFirst(chunk) }
            }
        }
        if isConnected {
            let canSend = sender.canSend
            let rides = receiver.hasSackPending && (canSend || !packet.chunks.isEmpty)
            if receiver.isSackDue(now: now) || rides, packet.room >= 16 {
                _ = packet.append(.sack(receiver.takeSack(room: packet.room)))
            }
            if canSend { sender.fill(&packet, now: now) }
        }
        guard !packet.chunks.isEmpty else { return nil }
        return SCTPPacket(
            sourcePort: localPort, destinationPort: remotePort, verificationTag: peer.tag, chunks: packet.chunks
        ).serialize()
    }

    /// When to call `advance` next, if nothing else happens before.
    package var nextTimeout: Instant? {
        if case .ended = state { return nil }
        let sending = Instant.earliest(Instant.earliest(repetition?.deadline, sender.deadline), receiver.sackDeadline)
        return Instant.earliest(Instant.earliest(sending, reset.deadline), isConnected ? heartbeat.deadline : nil)
    }

    /// Does what is due; packets and events may follow.
    package mutating func advance(to now: Instant) {
        if case .ended = state { return }
        if let repetition, now >= repetition.deadline { repeatHandshake(repetition, now: now) }
        if let deadline = sender.deadline, now >= deadline { sender.timeOut(now: now) }
        if let deadline = reset.deadline, now >= deadline,
            let parameter = reset.again(now: now, limit: configuration.maxRetransmissionTimeout)
        {
            queue(.reconfigure([parameter]))
        }
        if isConnected, let deadline = heartbeat.deadline, now >= deadline { beat(now: now) }
        receiver.advance(to: now)
        let failures = max(sender.failures, heartbeat.failures, reset.failures)
        if failures > configuration.maxRetransmissions { abort(.timedOut, cause: nil) }
        advanceResets(now: now)
        advanceShutdown(now: now)
    }

    private mutating func repeatHandshake(_ last: Repetition, now: Instant) {
        guard last.count < configuration.maxRetransmissions else { return abort(.timedOut, cause: nil) }
        let interval = min(last.interval * 2, configuration.maxRetransmissionTimeout)
        repetition = Repetition(deadline: now + interval, interval: interval, count: last.count + 1)
        switch state {
        case .cookieWait: sendInitiation()
        case .cookieEchoed(let cookie): queue(.cookieEcho(cookie))
        case .shutdownSent: queue(.shutdown(cumulativeTSN: receiver.cumulativeTSN))
        case .shutdownAckSent: queue(.shutdownAck)
        default: repetition = nil
        }
    }

    /// Asks the peer for a sign of life now, unless it owes an answer already; data in flight is such a question.
    package mutating func probe(now: Instant) {
        guard case .established = state, sender.deadline == nil, !heartbeat.isWaiting else { return }
        beat(now: now)
    }

    private mutating func beat(now: Instant) {
        // Data in flight finds out as well.
        guard case .established = state, sender.deadline == nil else {
            return heartbeat.postpone(to: now + configuration.heartbeatInterval)
        }
        if heartbeat.isWaiting { sender.timeout.backOff() }
        queue(.heartbeat(heartbeat.send(now: now, timeout: sender.timeout.current)))
    }
}
