/// Setting up (RFC 9260 §5): four messages, or both sides at once, or a peer that starts over.
extension SCTPAssociation {
    mutating func sendInitiation() {
        send(.initiate(initiation(tag: localTag, initialTSN: localInitialTSN)), tag: 0)
    }

    private func initiation(tag: UInt32, initialTSN: UInt32) -> SCTPInitiation {
        SCTPInitiation(
            tag: tag, window: UInt32(clamping: configuration.receiveWindow), outgoingStreams: configuration.streams,
            incomingStreams: configuration.streams, initialTSN: initialTSN,
            parameters: [
                SCTPParameter(type: SCTPParameter.forwardTSNSupported, value: []),
                // RE-CONFIG and FORWARD TSN.
                SCTPParameter(type: SCTPParameter.supportedExtensions, value: [130, 192]),
            ])
    }

    /// An INIT is answered in any state but kept nowhere: all goes into the cookie.
    mutating func receive(initiation: SCTPInitiation, now: Instant) {
        guard initiation.tag != 0 else { return discardPacket() }
        if case .shutdownAckSent = state { return queue(.shutdownAck) }
        guard initiation.outgoingStreams > 0, initiation.incomingStreams > 0 else {
            let cause = SCTPParameter(type: SCTPErrorCause.invalidMandatoryParameter, value: [])
            return send(.abort(reflectsTag: false, causes: [cause]), tag: initiation.tag)
        }
        var tag = localTag
        var initialTSN = localInitialTSN
        if isConnected {
            // RFC 9260 §5.2.2: a tag of its own, so that a peer that starts over is told from a late packet.
            (tag, initialTSN) = freshTag()
        }
        let offered = Offer(initiation)
        let cookie = SCTPCookie(
            issued: now, localTag: tag, localInitialTSN: initialTSN, peerTag: initiation.tag,
            peerInitialTSN: initiation.initialTSN, peerWindow: initiation.window,
            outgoingStreams: min(configuration.streams, initiation.incomingStreams),
            incomingStreams: min(configuration.streams, initiation.outgoingStreams),
            canSkip: offered.canSkip, canReset: offered.canReset,
            tieTags: peer.map { .init(local: localTag, peer: $0.tag) } ?? .init())
        var answer = self.initiation(tag: tag, initialTSN: initialTSN)
        answer.parameters.append(
            SCTPParameter(type: SCTPParameter.stateCookie, value: cookie.serialize(key: cookieKey)))
        for parameter in offered.toReport
        where answer.size + parameter.paddedSize + 4 + SCTPPacket.headerSize + 4 <= configuration.mtu {
            var writer = ByteWriter()
            parameter.serialize(into: &writer)
            answer.parameters.append(SCTPParameter(type: SCTPParameter.unrecognizedParameter, value: writer.bytes))
        }
        send(.initiateAck(answer), tag: initiation.tag)
    }

    mutating func receive(initiationAck: SCTPInitiation, now: Instant) {
        guard case .cookieWait = state else { return }
        let offered = Offer(initiationAck)
        peer = Peer(
            tag: initiationAck.tag,
            outgoingStreams: min(configuration.streams, initiationAck.incomingStreams),
            incomingStreams: min(configuration.streams, initiationAck.outgoingStreams), canReset: offered.canReset)
        guard initiationAck.tag != 0, initiationAck.outgoingStreams > 0, initiationAck.incomingStreams > 0,
            let cookie = offered.cookie
        else {
            let cause = SCTPParameter(type: SCTPErrorCause.invalidMandatoryParameter, value: [])
            return abort(.violation, cause: cause)
        }
        sender.peerWindow = Int(initiationAck.window)
        sender.peerCanSkip = offered.canSkip
        receiver = SCTPReceiver(initialTSN: initiationAck.initialTSN, configuration)
        reset = SCTPStreamReset(localInitialTSN: localInitialTSN, peerInitialTSN: initiationAck.initialTSN)
        state = .cookieEchoed(cookie: cookie)
        queue(.cookieEcho(cookie))
        repeatLater(now: now)
    }

    mutating func receive(cookieEcho: [UInt8], tag: UInt32, now: Instant) {
        guard let cookie = try? SCTPCookie(parsing: cookieEcho, key: cookieKey), cookie.localTag == tag else {
            return discardPacket()
        }
        let matchesLocal = cookie.localTag == localTag
        let matchesPeer = cookie.peerTag == peer?.tag
        let isCurrent = matchesLocal && matchesPeer
        let age = now - cookie.issued
        guard age >= .zero, age <= configuration.cookieLifetime || isCurrent else {
            var writer = ByteWriter()
            // Microseconds beyond the lifetime.
            writer.write(UInt32(clamping: (age - configuration.cookieLifetime).inNanoseconds / 1000))
            let cause = SCTPParameter(type: SCTPErrorCause.staleCookie, value: writer.bytes)
            return send(.error([cause]), tag: cookie.peerTag)
        }
        switch state {
        case .ended: return
        case .closed: establish(cookie, now: now)
        // RFC 9260 §5.2.4: D, then B, then A; C and the rest are dropped.
        case .cookieWait, .cookieEchoed:
            guard matchesLocal else { return discardPacket() }
            establish(cookie, now: now)
        case .shutdownAckSent where !isCurrent: return queue(.shutdownAck)
        default:
            let isRestart =
                !matchesLocal && !matchesPeer
                && cookie.tieTags == .init(local: localTag, peer: peer?.tag ?? 0)
            if isRestart {
                startOver(cookie: cookie)
                establish(cookie, now: now)
            } else if matchesLocal, !matchesPeer {
                peer?.tag = cookie.peerTag
            } else if !isCurrent {
                return discardPacket()
            }
        }
        queue(.cookieAck)
    }

    mutating func receiveCookieAck(now: Instant) {
        guard case .cookieEchoed = state else { return }
        becomeEstablished(now: now)
    }

    /// The peer found the cookie too old: from the start (RFC 9260 §5.2.6).
    mutating func receiveStaleCookie(now: Instant) {
        guard case .cookieEchoed = state else { return }
        let count = repetition?.count ?? 0
        state = .cookieWait
        peer = nil
        control.removeAll()
        sendInitiation()
        repeatLater(now: now)
        repetition?.count = count + 1
    }

    private mutating func establish(_ cookie: SCTPCookie, now: Instant) {
        peer = Peer(
            tag: cookie.peerTag, outgoingStreams: cookie.outgoingStreams, incomingStreams: cookie.incomingStreams,
            canReset: cookie.canReset)
        sender.peerWindow = Int(cookie.peerWindow)
        sender.peerCanSkip = cookie.canSkip
        receiver = SCTPReceiver(initialTSN: cookie.peerInitialTSN, configuration)
        reset = SCTPStreamReset(localInitialTSN: localInitialTSN, peerInitialTSN: cookie.peerInitialTSN)
        // A COOKIE ECHO still queued would be for a handshake that is over.
        control.removeAll()
        becomeEstablished(now: now)
    }

    private mutating func becomeEstablished(now: Instant) {
        state = .established
        repetition = nil
        heartbeat = SCTPHeartbeat(next: now + configuration.heartbeatInterval)
        events.append(.connected)
        for id in channels.keys.sorted() where id >= peer?.outgoingStreams ?? 0 { forgetChannel(id) }
    }

    /// From the cookie key: the random generator is only lent at `init`.
    private mutating func freshTag() -> (tag: UInt32, initialTSN: UInt32) {
        restarts += 1
        var writer = ByteWriter()
        writer.write(restarts)
        let random = SCTPCookie.authenticationCode(key: cookieKey, writer.bytes)
        var reader = ByteReader(random.span.bytes)
        let tag = (try? reader.uint32()) ?? 1
        return (max(tag, 1), (try? reader.uint32()) ?? 1)
    }

    /// What the parameters of an INIT or INIT ACK say.
    private struct Offer {
        var canSkip = false
        var canReset = false
        var cookie: [UInt8]?
        /// Unknown ones that ask to be reported.
        var toReport: [SCTPParameter] = []

        init(_ initiation: SCTPInitiation) {
            for parameter in initiation.parameters {
                switch parameter.type {
                case SCTPParameter.forwardTSNSupported: canSkip = true
                case SCTPParameter.supportedExtensions:
                    canSkip = canSkip || parameter.value.contains(192)
                    canReset = parameter.value.contains(130)
                case SCTPParameter.stateCookie: cookie = parameter.value
                default:
                    guard !SCTPParameter.known.contains(parameter.type) else { continue }
                    if parameter.wantsReport { toReport.append(parameter) }
                    if parameter.stopsProcessing { return }
                }
            }
        }
    }
}
