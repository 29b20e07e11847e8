import CSocket
import Media

/// The way to the server as a session description states it.
struct ServerEnd: Sendable {
    var credentials: ICECredentials
    var fingerprint: Fingerprint
    var candidates: [ICECandidate]
    /// Ours: a server that answers `a=setup:active` begins the handshake itself (RFC 5763 §5).
    var role: DTLSRole

    init?(_ description: SessionDescription) {
        guard let section = description.media.first(where: { !$0.candidates.isEmpty }) ?? description.media.first,
            let credentials = description.iceCredentials(of: section),
            let fingerprint = description.fingerprint(of: section)
        else { return nil }
        self.credentials = credentials
        self.fingerprint = fingerprint
        candidates = section.candidates.filter { $0.transport == .udp }
        role = description.setup(of: section) == .active ? .server : .client
    }
}

/// One peer connection from the client's side: full ICE, DTLS and SRTP over a socket of its own. It turns
/// datagrams into RTP and RTCP in the clear and back. For the thread that owns it.
final class ClientTransport {
    let socket: ClientSocket
    private(set) var isConnected = false
    private(set) var hasFailed = false
    private var ice: ICEClientAgent
    private let dtls: DTLSSession
    private var opener: SRTPOpener?
    private var sealer: SRTPSealer?
    private var isReachable = false
    /// The first flight, until something answers it. It is sent once more after 50 ms, as browsers do: a server may take
    /// none before it knows that ICE is through, which is later than we know it.
    private var greeting: (datagrams: [[UInt8]], due: Instant)?
    private static let greetingInterval = Duration.milliseconds(50)
    private var random = SystemRandomNumberGenerator()
    private let scratch = UnsafeMutableRawPointer.allocate(byteCount: DatagramBatch.slotSize, alignment: 64)

    /// - Throws: `unreachable` when no candidate can be.
    init(
        _ server: ServerEnd, credentials: ICECredentials, certificate: DTLSCertificate, now: Instant
    ) throws(LoadTestError) {
        socket = try ClientSocket(server.candidates)
        ice = ICEClientAgent(
            local: credentials, remote: server.credentials, remoteCandidates: [socket.server],
            tieBreaker: .random(in: .min ... .max, using: &random), now: now)
        dtls = DTLSSession(
            role: server.role, certificate: certificate, peerFingerprint: server.fingerprint, now: now)
    }

    deinit { scratch.deallocate() }

    enum Received {
        case nothing
        /// In place, so many bytes.
        case rtp(Int)
        case rtcp([RTCPPacket])
    }

    func receive(
        _ start: UnsafeMutableRawPointer, _ length: Int, now: Instant
    ) -> Received {
        let bytes = UnsafeRawBufferPointer(start: start, count: length).bytes
        switch DatagramKind.classify(bytes) {
        case .stun:
            carryOut(ice.receive(bytes, from: socket.server, now: now), now)
            carryOut(ice.advance(to: now, using: &random), now)
        case .dtls:
            greeting = nil
            carryOut(dtls.receive(bytes, now: now))
        case .rtp:
            if let count = try? opener?.open(rtp: start, length: length) { return .rtp(count) }
        case .rtcp:
            guard let count = try? opener?.open(rtcp: start, length: length),
                let packets = try? RTCPCompound.parse(UnsafeRawBufferPointer(start: start, count: count).bytes)
            else { return .nothing }
            return .rtcp(packets)
        case .unknown: break
        }
        return .nothing
    }

    func advance(to now: Instant) {
        if let due = ice.nextTimeout, due <= now { carryOut(ice.advance(to: now, using: &random), now) }
        if let again = greeting, again.due <= now {
            greeting = nil
            for datagram in again.datagrams { socket.send(datagram) }
        }
        if isReachable, let due = dtls.nextTimeout, due <= now { carryOut(dtls.advance(to: now)) }
    }

    func close() {
        guard isReachable else { return }
        for datagram in dtls.close().datagrams { socket.send(datagram) }
    }

    /// Seals and sends what `write` put into the memory it was given; it returns the bytes written.
    func send(rtp write: (UnsafeMutableRawPointer) -> Int) {
        guard let sealer else { return }
        let length = write(scratch)
        guard let sealed = try? sealer.seal(rtp: scratch, length: length) else { return }
        socket.send(scratch, sealed)
    }

    func send(rtcp packets: [RTCPPacket]) {
        let bytes = RTCPCompound.serialize(packets)
        guard let sealer, bytes.count + SRTPSealer.maximumOverhead <= DatagramBatch.slotSize else { return }
        bytes.withUnsafeBytes { scratch.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        guard let sealed = try? sealer.seal(rtcp: scratch, length: bytes.count) else { return }
        socket.send(scratch, sealed)
    }

    private func carryOut(_ output: ICEClientOutput, _ now: Instant) {
        for transmit in output.transmits { socket.send(transmit.bytes) }
        for event in output.events {
            switch event {
            case .connected where !isReachable:
                isReachable = true
                let flight = dtls.start(now: now)
                greeting = (flight.datagrams, now + Self.greetingInterval)
                carryOut(flight)
            case .connected: break
            case .failed: hasFailed = true
            }
        }
    }

    private func carryOut(_ output: DTLSSession.Output) {
        for datagram in output.datagrams { socket.send(datagram) }
        for event in output.events {
            switch event {
            case .connected(let keys):
                sealer = try? SRTPSealer(profile: keys.profile, key: keys.localKey, salt: keys.localSalt)
                opener = try? SRTPOpener(profile: keys.profile, key: keys.remoteKey, salt: keys.remoteSalt)
                isConnected = sealer != nil && opener != nil
            // Data channels are not used.
            case .applicationData: break
            case .closed, .failed: hasFailed = true
            }
        }
    }
}
