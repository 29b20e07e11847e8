import COpenSSL

/// Which end of the handshake this is. The client speaks first; `a=setup` settles it (RFC 5763 §5).
package enum DTLSRole: Sendable {
    case server
    case client
}

/// One DTLS 1.2 association for WebRTC (RFC 6347, RFC 5764): the handshake that yields SRTP keys, then SCTP's packets both
/// ways. Datagrams and time in, datagrams and events out; OpenSSL does the protocol, `DTLSWire` its input and output.
///
/// - Flights are sent again after 200 ms, doubling to 2 s, by passed-in time alone (see `DTLSWire`); a handshake that is
///   not over 20 s after it began has failed, as has one that never began within 30 s.
/// - A ClientHello may come in several datagrams, as post-quantum key shares make it. There is no cookie exchange: ICE has
///   already proved the address.
/// - The peer's certificate must have the announced fingerprint, or the session fails and delivers nothing.
/// - Records that do not authenticate, replays and garbage are dropped (RFC 6347 §4.1.2.7). Until the handshake is over
///   nothing is authenticated, so then a well-formed forgery can end it; afterwards only the peer itself can.
/// - A failed or closed session says nothing more.
package final class DTLSSession {
    package enum Event: Equatable, Sendable {
        /// The handshake is over and the peer is who it should be.
        case connected(SRTPKeys)
        case applicationData([UInt8])
        /// The peer sent close_notify.
        case closed
        case failed(DTLSError)
    }

    package struct Output: Equatable, Sendable {
        /// To be sent to the peer in this order, each as one datagram.
        package var datagrams: [[UInt8]] = []
        package var events: [Event] = []
    }

    /// Bytes of the largest datagram sent in a handshake.
    package static let maximumTransmissionUnit = 1200
    /// Bytes of the largest datagram taken.
    package static let maximumDatagram = 2048
    /// Bytes that a record adds to application data, at most: header, explicit nonce and tag.
    package static let maximumOverhead = 13 + 8 + 16
    /// Datagrams with encrypted records taken before the keys are known, which OpenSSL keeps for later.
    private static let maximumEarlyDatagrams = 16

    private enum State {
        case handshaking
        case connected
        case ended
    }

    private let role: DTLSRole
    private let certificate: DTLSCertificate
    private let ssl: OpaquePointer
    private let wire: DTLSWire
    private var state = State.handshaking
    private var hasBegun = false
    private var earlyDatagrams = 0
    /// Datagrams that were dropped before OpenSSL saw them: see `admits`.
    package private(set) var refusedDatagrams: UInt64 = 0
    private var giveUpAt: Instant
    private var retransmitAt: Instant?

    package convenience init(
        role: DTLSRole, certificate: DTLSCertificate, peerFingerprint: Fingerprint, now: Instant
    ) {
        self.init(
            role: role, certificate: certificate, peerFingerprint: peerFingerprint,
            profiles: SRTPProfile.preference, now: now)
    }

    /// - Parameter profiles: what is offered, or picked from, best first.
    package init(
        role: DTLSRole, certificate: DTLSCertificate, peerFingerprint: Fingerprint, profiles: [SRTPProfile],
        now: Instant
    ) {
        guard let ssl = SSL_new(certificate.context) else { preconditionFailure("out of memory") }
        self.role = role
        self.certificate = certificate
        self.ssl = ssl
        giveUpAt = now + .seconds(30)
        wire = DTLSWire(peerFingerprint: peerFingerprint)
        wire.attach(to: ssl)
        _ = golive_SSL_set_mtu(ssl, Self.maximumTransmissionUnit)
        SSL_set_tlsext_use_srtp(ssl, profiles.map(\.name).joined(separator: ":"))
        switch role {
        case .server: SSL_set_accept_state(ssl)
        case .client: SSL_set_connect_state(ssl)
        }
    }

    deinit {
        SSL_free(ssl)
    }

    /// A client's first flight. A server has nothing to say first.
    package func start(now: Instant) -> Output {
        guard state == .handshaking, role == .client, !hasBegun else { return Output() }
        return step(now) { output in
            begin(now)
            shakeHands(&output)
        }
    }

    package func receive(_ datagram: RawSpan, now: Instant) -> Output {
        guard state != .ended, admits(datagram) else {
            refusedDatagrams &+= 1
            return Output()
        }
        return datagram.withUnsafeBytes { bytes in
            step(now) { output in
                begin(now)
                wire.inbound = bytes
                defer { wire.inbound = nil }
                if state == .handshaking { shakeHands(&output) }
                if state == .connected { read(&output) }
            }
        }
    }

    /// Sends one SCTP packet as one datagram, `maximumOverhead` bytes larger at most. Before the session is connected
    /// there is no key to send it with, and it is dropped.
    package func send(_ applicationData: RawSpan) -> Output {
        var output = Output()
        guard state == .connected, 1...Self.maximumDatagram ~= applicationData.byteCount else { return output }
        ERR_clear_error()
        SSL_alloc_buffers(ssl)
        _ = applicationData.withUnsafeBytes { SSL_write(ssl, $0.baseAddress, Int32($0.count)) }
        SSL_free_buffers(ssl)
        output.datagrams = takeOutbound()
        return output
    }

    /// When `advance` is next due; nil once there is nothing to wait for.
    package var nextTimeout: Instant? {
        guard state == .handshaking else { return nil }
        return min(retransmitAt ?? giveUpAt, giveUpAt)
    }

    /// Sends the last flight again if that is due, and gives up when it is time to.
    package func advance(to now: Instant) -> Output {
        guard let due = nextTimeout, due <= now else { return Output() }
        return step(now) { output in
            guard now < giveUpAt else { return fail(.timedOut, &output) }
            wire.expireTimer()
            ERR_clear_error()
            switch golive_DTLSv1_handle_timeout(ssl) {
            case 1...: break
            case 0: retransmitAt = now + .milliseconds(20)  // OpenSSL's own clock is a little behind.
            default: fail(.timedOut, &output)
            }
        }
    }

    /// Ends the session, with close_notify if there is a peer to tell.
    package func close() -> Output {
        var output = Output()
        if state == .connected {
            ERR_clear_error()
            SSL_alloc_buffers(ssl)
            SSL_shutdown(ssl)
            output.datagrams = takeOutbound()
        }
        state = .ended
        return output
    }

    // MARK: - The handshake

    private func begin(_ now: Instant) {
        guard !hasBegun else { return }
        hasBegun = true
        giveUpAt = now + .seconds(20)
    }

    /// Whether a datagram is worth OpenSSL's attention: whole records, nothing in plaintext that may not be, and no more
    /// kept for later than is reasonable.
    private func admits(_ datagram: RawSpan) -> Bool {
        guard datagram.byteCount <= Self.maximumDatagram, let census = try? DTLSRecord.census(of: datagram) else {
            return false
        }
        if state == .connected { return census.encrypted }
        if census.plaintextData { return false }
        if census.encrypted {
            earlyDatagrams += 1
            return earlyDatagrams <= Self.maximumEarlyDatagrams
        }
        return true
    }

    private func shakeHands(_ output: inout Output) {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        guard result != 1 else { return connect(&output) }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: break
        case SSL_ERROR_ZERO_RETURN: fail(.alert(0), &output)
        default: fail(wire.peerIsForged ? .fingerprintMismatch : .lastInQueue, &output)
        }
    }

    private func connect(_ output: inout Output) {
        guard wire.peerIsVerified else { return fail(.fingerprintMismatch, &output) }
        guard let selected = SSL_get_selected_srtp_profile(ssl),
            let profile = SRTPProfile(rawValue: UInt16(truncatingIfNeeded: selected.pointee.id))
        else { return fail(.noSRTPProfile, &output) }
        var material = [UInt8](repeating: 0, count: SRTPKeys.exportLength(of: profile))
        let label = "EXTRACTOR-dtls_srtp"
        guard SSL_export_keying_material(ssl, &material, material.count, label, label.utf8.count, nil, 0, 0) == 1 else {
            return fail(.lastInQueue, &output)
        }
        state = .connected
        output.events.append(.connected(SRTPKeys(exported: material, profile: profile, role: role)))
    }

    private func fail(_ error: DTLSError, _ output: inout Output) {
        state = .ended
        output.events.append(.failed(error))
    }

    // MARK: - Afterwards

    private func read(_ output: inout Output) {
        withUnsafeTemporaryAllocation(byteCount: Self.maximumDatagram, alignment: 1) { buffer in
            while true {
                ERR_clear_error()
                let count = SSL_read(ssl, buffer.baseAddress, Int32(buffer.count))
                if count > 0 {
                    output.events.append(.applicationData(Array(buffer.prefix(Int(count)))))
                    continue
                }
                switch SSL_get_error(ssl, count) {
                case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: break
                case SSL_ERROR_ZERO_RETURN:
                    state = .ended
                    output.events.append(.closed)
                default: fail(.lastInQueue, &output)
                }
                return
            }
        }
        // 32 kB a session that would otherwise lie idle between SCTP's packets.
        if state == .connected { SSL_free_buffers(ssl) }
    }

    /// Runs `body`, then gathers what OpenSSL wrote and follows what it did to its timer.
    private func step(_ now: Instant, _ body: (inout Output) -> Void) -> Output {
        var output = Output()
        body(&output)
        output.datagrams = takeOutbound()
        switch wire.timer {
        case .unchanged: break
        case .armed: retransmitAt = now + .microseconds(Int64(wire.interval))
        case .stopped: retransmitAt = nil
        }
        wire.timer = .unchanged
        return output
    }

    private func takeOutbound() -> [[UInt8]] {
        defer { wire.outbound = [] }
        return wire.outbound
    }
}
