import COpenSSL

/// A DTLS handshake under way, which OpenSSL does. Everything that it takes is freed with it, once `DTLSProtection` has its
/// keys.
final class DTLSHandshake {
    enum Progress {
        case underWay
        /// - Parameters:
        ///   - early: application data that came before the keys were known, or with the peer's last flight.
        ///   - isClosed: what came with it was its farewell.
        case over(SRTPKeys, DTLSProtection, early: [[UInt8]], isClosed: Bool)
        case failed(DTLSError)
    }

    /// Datagrams with encrypted records taken before the keys are known, which OpenSSL keeps for later.
    static let maximumEarlyDatagrams = 16

    private let role: DTLSRole
    private let ssl: OpaquePointer
    private let wire: DTLSWire
    private var hasBegun = false
    private var earlyDatagrams = 0
    /// The numbers of encrypted records that OpenSSL was given, as bits.
    private var heard: UInt64 = 0
    private var giveUpAt: Instant
    private var retransmitAt: Instant?

    /// - Parameter profiles: what is offered, or picked from, best first.
    init(
        role: DTLSRole, certificate: DTLSCertificate, peerFingerprint: Fingerprint, profiles: [SRTPProfile],
        now: Instant
    ) {
        guard let ssl = SSL_new(certificate.context) else { preconditionFailure("out of memory") }
        self.role = role
        self.ssl = ssl
        giveUpAt = now + .seconds(30)
        wire = DTLSWire(peerFingerprint: peerFingerprint)
        wire.attach(to: ssl)
        _ = golive_SSL_set_mtu(ssl, DTLSSession.maximumTransmissionUnit)
        SSL_set_tlsext_use_srtp(ssl, profiles.map(\.name).joined(separator: ":"))
        switch role {
        case .server: SSL_set_accept_state(ssl)
        case .client: SSL_set_connect_state(ssl)
        }
    }

    deinit {
        SSL_free(ssl)
    }

    /// A client's first flight; a server has nothing to say first.
    func start(now: Instant) -> Progress {
        guard role == .client, !hasBegun else { return .underWay }
        begin(now)
        return step(now) { shakeHands() }
    }

    /// A datagram that `admits` took.
    func receive(_ datagram: RawSpan, now: Instant) -> Progress {
        begin(now)
        return datagram.withUnsafeBytes { bytes in
            wire.inbound = bytes
            defer { wire.inbound = nil }
            return step(now) { shakeHands() }
        }
    }

    /// When `advance` is next due.
    var nextTimeout: Instant { min(retransmitAt ?? giveUpAt, giveUpAt) }

    /// Sends the last flight again, or gives up.
    func advance(to now: Instant) -> Progress {
        guard now < giveUpAt else { return .failed(.timedOut) }
        return step(now) {
            wire.expireTimer()
            ERR_clear_error()
            switch golive_DTLSv1_handle_timeout(ssl) {
            case 1...: break
            case 0: retransmitAt = now + .milliseconds(20)  // OpenSSL's own clock is a little behind.
            default: return .failed(.timedOut)
            }
            return .underWay
        }
    }

    /// What is to be sent, in this order, each as one datagram.
    func takeOutbound() -> [[UInt8]] {
        defer { wire.outbound = [] }
        return wire.outbound
    }

    /// Whether a datagram is worth OpenSSL's attention: whole records, nothing in plaintext that may not be, and no more
    /// kept for later than is reasonable.
    func admits(_ datagram: RawSpan) -> Bool {
        guard let census = try? DTLSRecord.census(of: datagram), !census.plaintextData else { return false }
        guard census.encrypted else { return true }
        earlyDatagrams += 1
        guard earlyDatagrams <= Self.maximumEarlyDatagrams, census.highest < DTLSProtection.earlyNumbers else {
            return false
        }
        DTLSRecord.forEachProtected(of: datagram) { heard |= 1 << $0.number }
        return true
    }

    private func begin(_ now: Instant) {
        guard !hasBegun else { return }
        hasBegun = true
        giveUpAt = now + .seconds(20)
    }

    /// Follows what `body` makes OpenSSL do to its timer.
    private func step(_ now: Instant, _ body: () -> Progress) -> Progress {
        let progress = body()
        switch wire.timer {
        case .unchanged: break
        case .armed: retransmitAt = now + .microseconds(Int64(wire.interval))
        case .stopped: retransmitAt = nil
        }
        wire.timer = .unchanged
        return progress
    }

    private func shakeHands() -> Progress {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        guard result != 1 else { return finish() }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .underWay
        case SSL_ERROR_ZERO_RETURN: return .failed(.alert(0))
        default: return .failed(wire.peerIsForged ? .fingerprintMismatch : .lastInQueue)
        }
    }

    private func finish() -> Progress {
        guard wire.peerIsVerified else { return .failed(.fingerprintMismatch) }
        guard let selected = SSL_get_selected_srtp_profile(ssl),
            let profile = SRTPProfile(rawValue: UInt16(truncatingIfNeeded: selected.pointee.id))
        else { return .failed(.noSRTPProfile) }
        var material = [UInt8](repeating: 0, count: SRTPKeys.exportLength(of: profile))
        let label = "EXTRACTOR-dtls_srtp"
        guard SSL_export_keying_material(ssl, &material, material.count, label, label.utf8.count, nil, 0, 0) == 1 else {
            return .failed(.lastInQueue)
        }
        let early = readEarly()
        guard let written = wire.written,
            let protection = DTLSProtection(after: ssl, role: role, written: written, heard: heard)
        else { return .failed(.lastInQueue) }
        return .over(
            SRTPKeys(exported: material, profile: profile, role: role), protection, early: early,
            isClosed: SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN != 0)
    }

    /// What OpenSSL has kept, or read behind the peer's last flight.
    private func readEarly() -> [[UInt8]] {
        var early: [[UInt8]] = []
        withUnsafeTemporaryAllocation(byteCount: DTLSSession.maximumDatagram, alignment: 1) { buffer in
            while true {
                ERR_clear_error()
                let count = SSL_read(ssl, buffer.baseAddress, Int32(buffer.count))
                guard count > 0 else { return }
                early.append(Array(buffer.prefix(Int(count))))
            }
        }
        return early
    }
}
