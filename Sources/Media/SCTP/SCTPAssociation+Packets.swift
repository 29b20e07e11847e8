/// Packets in.
extension SCTPAssociation {
    /// Takes one SCTP packet out of DTLS. What is malformed or not of this association is dropped and counted.
    package mutating func receive(_ packet: RawSpan, now: Instant) {
        guard let packet = try? SCTPPacket(parsing: packet), packet.sourcePort == remotePort,
            packet.destinationPort == localPort
        else { return discardPacket() }
        if case .ended = state { return answerAfterEnd(packet) }
        guard isTagAcceptable(packet) else { return discardPacket() }
        var needsSack = false
        do throws(SCTPViolation) {
            for chunk in packet.chunks {
                if case .ended = state { return }
                try receive(chunk, tag: packet.verificationTag, needsSack: &needsSack, now: now)
            }
        } catch {
            return abort(
                .violation,
                cause: SCTPParameter(
                    type: SCTPErrorCause.protocolViolation,
                    value: error.reason.withUTF8Buffer { Array($0) }))
        }
        if case .ended = state { return }
        if needsSack { receiver.endPacket(now: now) }
        takeDelivered()
        resumeDeferredReset()
        advanceResets(now: now)
        advanceShutdown(now: now)
    }

    /// RFC 9260 §8.5 and §8.5.1.
    private func isTagAcceptable(_ packet: SCTPPacket) -> Bool {
        let tag = packet.verificationTag
        switch packet.chunks.first {
        case .initiate: return tag == 0 && packet.chunks.count == 1
        // Compared with the cookie's own.
        case .cookieEcho: return true
        case .abort(let reflectsTag, _), .shutdownComplete(let reflectsTag):
            return reflectsTag ? tag == peer?.tag : tag == localTag
        default:
            if case .closed = state { return false }
            return tag == localTag
        }
    }

    private mutating func receive(
        _ chunk: SCTPChunk, tag: UInt32, needsSack: inout Bool, now: Instant
    ) throws(SCTPViolation) {
        switch chunk {
        case .initiate(let initiation):
            // Alone in its packet, or ignored.
            if tag == 0 { receive(initiation: initiation, now: now) }
        case .cookieEcho(let cookie): receive(cookieEcho: cookie, tag: tag, now: now)
        case .abort(let reflectsTag, let causes):
            if tag == (reflectsTag ? peer?.tag : localTag) { end(.abortedByPeer(cause: causes.first?.type)) }
        case .shutdownComplete(let reflectsTag):
            guard case .shutdownAckSent = state, tag == (reflectsTag ? peer?.tag : localTag) else { return }
            end(.shutdown)
        // A COOKIE ECHO that was refused may have come before, in a packet with the tag of its cookie.
        case _ where tag != localTag: return
        case .initiateAck(let initiation): receive(initiationAck: initiation, now: now)
        case .cookieAck: receiveCookieAck(now: now)
        case .error(let causes):
            if causes.contains(where: { $0.type == SCTPErrorCause.staleCookie }) { receiveStaleCookie(now: now) }
        case _ where !isConnected: return
        case .data(let data): needsSack = try receive(data: data) || needsSack
        case .forwardTSN(let forward):
            guard takesData else { return }
            receiver.skip(forward, streamCount: peer?.incomingStreams ?? 0)
            needsSack = true
        case .sack(let sack):
            guard sender.acknowledge(sack, now: now) else {
                throw SCTPViolation(reason: "SACK of data never sent")
            }
        case .heartbeat(let value): queue(.heartbeatAck(value))
        case .heartbeatAck(let value):
            if let sample = heartbeat.receiveAck(value, now: now, next: now + configuration.heartbeatInterval) {
                sender.timeout.measure(sample)
            }
        case .reconfigure(let parameters): receive(reconfigure: parameters, now: now)
        case .shutdown(let cumulativeTSN): receive(shutdown: cumulativeTSN, now: now)
        case .shutdownAck: receiveShutdownAck()
        case .unknown(let type, let value):
            if type & 0x40 != 0 { report(type, value) }
        }
    }

    /// Whether the peer may still send data.
    private var takesData: Bool {
        switch state {
        case .established, .shutdownPending, .shutdownSent: true
        default: false
        }
    }

    private mutating func receive(data: SCTPData) throws(SCTPViolation) -> Bool {
        guard takesData, let peer else { return false }
        if data.stream < peer.incomingStreams {
            try receiver.receive(data)
        } else {
            receiver.receiveUnusable(data)
            var writer = ByteWriter()
            writer.write(data.stream)
            writer.write(UInt16(0))
            queue(.error([SCTPParameter(type: SCTPErrorCause.invalidStream, value: writer.bytes)]))
        }
        // RFC 9260 §9.2: data after our SHUTDOWN is answered with another.
        if case .shutdownSent = state { queue(.shutdown(cumulativeTSN: receiver.cumulativeTSN)) }
        return true
    }

    /// An unknown chunk that asks for it is told back to the peer, cut to what fits a packet.
    private mutating func report(_ type: UInt8, _ value: [UInt8]) {
        var writer = ByteWriter()
        SCTPChunk.unknown(type: type, value: Array(value.prefix(512))).serialize(into: &writer)
        queue(.error([SCTPParameter(type: SCTPErrorCause.unrecognizedChunk, value: writer.bytes)]))
    }

    /// RFC 9260 §8.4: a peer that missed the end is told.
    private mutating func answerAfterEnd(_ packet: SCTPPacket) {
        switch packet.chunks.first {
        case .abort, .shutdownComplete, .initiate, .initiateAck, .error, .cookieAck, .cookieEcho, nil: break
        case .shutdownAck: send(.shutdownComplete(reflectsTag: true), tag: packet.verificationTag)
        default: send(.abort(reflectsTag: true, causes: []), tag: packet.verificationTag)
        }
    }
}
