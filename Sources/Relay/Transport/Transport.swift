import Media

/// One peer connection as its worker holds it: ICE-lite, DTLS, SRTP keys and SCTP put together. It turns datagrams into
/// plaintext and back and knows nothing of tracks.
///
/// Datagrams to send go into the caller's `Outbox`; what happened is returned.
final class Transport {
    enum Event {
        /// The handshake finished: media and data may flow.
        case connected
        case data(DataKind, [UInt8])
        /// Final: the peer closed, failed to authenticate, or has not consented for too long.
        case ended(EndReason)
    }

    enum EndReason: Sendable {
        case closedByPeer
        case consentLost
        case handshakeFailed(String)
    }

    // What every packet to the peer touches stands together at the start: it is fetched ahead (`Fanout`).

    @exclusivity(unchecked) private(set) var sealer: SRTPSealer?
    /// Of packets with transport-wide numbers.
    @exclusivity(unchecked) var sequencer = TransportSequencer()
    @exclusivity(unchecked) private(set) var ice: ICELiteAgent
    let setup: TransportSetup
    private(set) var opener: SRTPOpener?
    /// When the peer last proved that it is there: by a valid check, or by anything under its keys.
    private(set) var lastHeard: Instant
    private var dtls: DTLSSession?
    private var channels: DataChannels
    /// DTLS that arrived before the peer's description did; at most the two datagrams of a ClientHello, twice.
    private var early: [[UInt8]] = []
    private static let earlyCapacity = 4

    init(_ setup: TransportSetup, now: Instant) {
        self.setup = setup
        ice = ICELiteAgent(
            local: setup.credentials, former: setup.formerCredentials, remoteUfrag: nil, now: now)
        lastHeard = now
        channels = DataChannels(opens: setup.direction == .outgoing, limits: setup.limits, now: now)
    }

    /// Bytes from the start of an instance in which everything lies that a packet to the peer touches.
    static let hotSize = 320

    /// Where to send; nil before the first valid check.
    var selected: TransportAddress? { ice.selected }

    /// Whether media can be sent.
    var isReady: Bool { sealer != nil && selected != nil }

    // MARK: - The peer's description

    /// Sets what the peer's session description said of its certificate. The first call counts: a certificate does not
    /// change within a connection.
    func setRemote(fingerprint: Fingerprint, now: Instant, outbox: Outbox) -> [Event] {
        guard dtls == nil else { return [] }
        dtls = DTLSSession(
            role: .server, certificate: setup.certificate, peerFingerprint: fingerprint, now: now)
        let waiting = early
        early = []
        var events: [Event] = []
        for datagram in waiting {
            events += receive(dtls: datagram.span.bytes, now: now, outbox: outbox)
        }
        return events
    }

    /// An ICE restart: new credentials, while DTLS, SRTP and SCTP go on (RFC 8445 §9).
    func restart(credentials: ICECredentials, keepsFormer: Bool) {
        ice.restart(local: credentials, remoteUfrag: nil, keepsFormer: keepsFormer)
    }

    // MARK: - Datagrams in

    func receive(stun datagram: RawSpan, from address: TransportAddress, now: Instant, outbox: Outbox) -> Bool {
        switch ice.receive(datagram, from: address, now: now) {
        case .dropped:
            outbox.counters.count(.stunRefused)
            return false
        case .response(let response, _):
            lastHeard = now
            outbox.send(response, to: address)
            return true
        }
    }

    /// The connection to one of the peer's addresses is closed.
    func forget(_ address: TransportAddress) { ice.forget(address) }

    func receive(dtls datagram: RawSpan, now: Instant, outbox: Outbox) -> [Event] {
        guard let dtls else {
            if early.count < Self.earlyCapacity {
                early.append(datagram.array)
            } else {
                outbox.counters.count(.dtlsRefused)
            }
            return []
        }
        let refused = dtls.refusedDatagrams
        let output = dtls.receive(datagram, now: now)
        outbox.counters.count(.dtlsRefused, dtls.refusedDatagrams - refused)
        return handle(output, now: now, outbox: outbox)
    }

    // MARK: - Data out

    /// Sends a message over the named channel; a message that finds its channel's buffer full is dropped when lossy.
    func send(_ message: [UInt8], kind: DataKind, now: Instant, outbox: Outbox) {
        if !channels.send(message, kind: kind, now: now) { outbox.counters.count(.dataLimit) }
        flushData(now: now, outbox: outbox)
    }

    // MARK: - Time

    /// Media or feedback came that the peer's keys opened.
    @inline(__always)
    func heard(_ now: Instant) { lastHeard = now }

    /// Asks the peer for a sign of life. Browsers check a path only every few seconds while nothing else is sent.
    func probe(now: Instant, outbox: Outbox) {
        channels.probe(now: now)
        flushData(now: now, outbox: outbox)
    }

    var nextTimeout: Instant? { Instant.earliest(dtls?.nextTimeout, channels.nextTimeout) }

    func advance(to now: Instant, outbox: Outbox) -> [Event] {
        if case .consentLost = ice.advance(to: now) { return [.ended(.consentLost)] }
        var events: [Event] = []
        if let dtls, let due = dtls.nextTimeout, due <= now {
            events += handle(dtls.advance(to: now), now: now, outbox: outbox)
        }
        if let due = channels.nextTimeout, due <= now {
            channels.advance(to: now)
            events += drainData(now: now, outbox: outbox)
        }
        return events
    }

    /// Tells the peer that this was all.
    func close(outbox: Outbox) {
        guard let dtls, let selected else { return }
        for datagram in dtls.close().datagrams { outbox.send(datagram, to: selected) }
    }

    // MARK: - DTLS and SCTP

    private func handle(_ output: DTLSSession.Output, now: Instant, outbox: Outbox) -> [Event] {
        if let selected {
            for datagram in output.datagrams { outbox.send(datagram, to: selected) }
        }
        var events: [Event] = []
        for event in output.events {
            switch event {
            case .connected(let keys):
                do throws(SRTPError) {
                    sealer = try SRTPSealer(profile: keys.profile, key: keys.localKey, salt: keys.localSalt)
                    opener = try SRTPOpener(profile: keys.profile, key: keys.remoteKey, salt: keys.remoteSalt)
                } catch {
                    return events + [.ended(.handshakeFailed("\(error)"))]
                }
                events.append(.connected)
            case .applicationData(let bytes):
                lastHeard = now
                channels.receive(bytes.span.bytes, now: now)
                events += drainData(now: now, outbox: outbox)
            case .closed:
                events.append(.ended(.closedByPeer))
            case .failed(let error):
                events.append(.ended(.handshakeFailed("\(error)")))
            }
        }
        return events
    }

    private func drainData(now: Instant, outbox: Outbox) -> [Event] {
        var events: [Event] = []
        while let received = channels.nextMessage(now: now) {
            switch received {
            case .message(let kind, let bytes): events.append(.data(kind, bytes))
            case .refused: outbox.counters.count(.dataLimit)
            }
        }
        flushData(now: now, outbox: outbox)
        return events
    }

    private func flushData(now: Instant, outbox: Outbox) {
        guard let dtls, let selected else { return }
        while let packet = channels.nextPacket(now: now) {
            for datagram in dtls.send(packet.span.bytes).datagrams { outbox.send(datagram, to: selected) }
        }
    }
}
