/// Which end of the handshake this is. The client speaks first; `a=setup` settles it (RFC 5763 §5).
package enum DTLSRole: Sendable {
    case server
    case client
}

/// One DTLS 1.2 association for WebRTC (RFC 6347, RFC 5764): the handshake that yields SRTP keys, then SCTP's packets both
/// ways. Datagrams and time in, datagrams and events out. OpenSSL does the handshake (`DTLSHandshake`); the records behind it
/// are our own (`DTLSProtection`).
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

    private enum State {
        case handshaking(DTLSHandshake)
        /// - Parameter lastFlight: what ended a server's handshake, for a client that did not get it.
        case connected(DTLSProtection, lastFlight: [[UInt8]])
        case ended
    }

    private let role: DTLSRole
    private var state: State
    /// Datagrams that were dropped unread.
    package private(set) var refusedDatagrams: UInt64 = 0

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
        self.role = role
        state = .handshaking(
            DTLSHandshake(
                role: role, certificate: certificate, peerFingerprint: peerFingerprint, profiles: profiles, now: now))
    }

    /// A client's first flight. A server has nothing to say first.
    package func start(now: Instant) -> Output {
        guard case .handshaking(let handshake) = state else { return Output() }
        return follow(handshake.start(now: now), of: handshake)
    }

    package func receive(_ datagram: RawSpan, now: Instant) -> Output {
        switch state {
        case .handshaking(let handshake)
        where datagram.byteCount <= Self.maximumDatagram && handshake.admits(datagram):
            return follow(handshake.receive(datagram, now: now), of: handshake)
        case .connected(let protection, let lastFlight)
        where datagram.byteCount <= Self.maximumDatagram && (try? DTLSRecord.census(of: datagram))?.encrypted == true:
            return read(protection.open(datagram), lastFlight)
        default:
            refusedDatagrams &+= 1
            return Output()
        }
    }

    /// Sends one SCTP packet as one datagram, `maximumOverhead` bytes larger at most. Before the session is connected
    /// there is no key to send it with, and it is dropped.
    package func send(_ applicationData: RawSpan) -> Output {
        guard case .connected(let protection, _) = state, 1...Self.maximumDatagram ~= applicationData.byteCount else {
            return Output()
        }
        return Output(datagrams: protection.seal(applicationData, as: .applicationData).map { [$0] } ?? [])
    }

    /// When `advance` is next due; nil once there is nothing to wait for.
    package var nextTimeout: Instant? {
        guard case .handshaking(let handshake) = state else { return nil }
        return handshake.nextTimeout
    }

    /// Sends the last flight again if that is due, and gives up when it is time to.
    package func advance(to now: Instant) -> Output {
        guard case .handshaking(let handshake) = state, handshake.nextTimeout <= now else { return Output() }
        return follow(handshake.advance(to: now), of: handshake)
    }

    /// Ends the session, with close_notify if there is a peer to tell.
    package func close() -> Output {
        defer { state = .ended }
        guard case .connected(let protection, _) = state else { return Output() }
        let closeNotify: [UInt8] = [1, 0]
        return Output(datagrams: protection.seal(closeNotify.span.bytes, as: .alert).map { [$0] } ?? [])
    }

    private func follow(_ progress: DTLSHandshake.Progress, of handshake: DTLSHandshake) -> Output {
        var output = Output(datagrams: handshake.takeOutbound())
        switch progress {
        case .underWay: break
        case .over(let keys, let protection, let early, let isClosed):
            state = isClosed ? .ended : .connected(protection, lastFlight: role == .server ? output.datagrams : [])
            output.events = [.connected(keys)] + early.map { .applicationData($0) } + (isClosed ? [.closed] : [])
        case .failed(let error):
            state = .ended
            output.events = [.failed(error)]
        }
        return output
    }

    private func read(_ records: [(type: DTLSProtection.Content, content: [UInt8])], _ lastFlight: [[UInt8]]) -> Output
    {
        var output = Output()
        for (type, content) in records {
            switch type {
            case .applicationData:
                if !content.isEmpty { output.events.append(.applicationData(content)) }
            case .handshake:
                // The client's Finished once more: ours was lost (RFC 6347 §4.2.4).
                if content.first == 20 { output.datagrams = lastFlight }
            case .alert:
                guard content.count == 2, content[0] == 2 || content[1] == 0 else { continue }
                state = .ended
                output.events.append(content[1] == 0 ? .closed : .failed(.alert(content[1])))
                return output
            }
        }
        return output
    }
}
