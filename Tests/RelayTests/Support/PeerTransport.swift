import Glibc
@testable import Media

@testable import Relay

/// One peer connection of a test peer: full ICE, DTLS client, SRTP and SCTP over a socket of its own. For one thread at
/// a time.
final class PeerTransport {
    /// One for all peers: making a key takes longer than a handshake.
    static let certificate = try! DTLSCertificate(now: Int(Clock.wallMilliseconds() / 1000))

    /// The next socket is of this one.
    var path: PeerPath
    private(set) var socket: any PeerSocket
    private(set) var credentials: ICECredentials
    private let opensChannels: Bool
    private var random = SystemRandom()
    private var ice: ICEClientAgent?
    /// The server's credentials.
    private(set) var described: ICECredentials?
    private(set) var dtls: DTLSSession?
    private var opener: SRTPOpener?
    private(set) var sealer: SRTPSealer?
    private var association: SCTPAssociation?
    private var labels: [ChannelID: String] = [:]
    private(set) var remote: TransportAddress?
    private(set) var isConnected = false
    private(set) var isClosed = false
    private(set) var packets: [ReceivedPacket] = []
    private(set) var feedback: [RTCPPacket] = []
    private(set) var messages: [(label: String, bytes: [UInt8])] = []
    /// The newest media packet as it went out.
    private(set) var latest: [UInt8] = []
    /// The newest RTCP as it went out.
    private(set) var latestReport: [UInt8] = []
    /// SCTP packets that came under another tag than the association's.
    private(set) var strayPackets: [SCTPPacket] = []
    /// Packets that arrived since the owner last looked.
    var news: [RTCPPacket] = []
    private var transportSequence: UInt16 = 65_530

    init(opensChannels: Bool, path: PeerPath = .udp) {
        self.opensChannels = opensChannels
        self.path = path
        socket = path.makeSocket()
        credentials = ICECredentials.random(using: &random)
    }

    /// Whether the relay has acknowledged all messages.
    var isDelivered: Bool { association?.bufferedAmount == 0 }

    var channels: Set<String> { Set(labels.values) }

    /// Begins to connect to what the server described; later only when it restarts ICE.
    func connect(to description: SessionDescription, now: Instant) {
        guard let section = description.media.first(where: { !$0.candidates.isEmpty }),
            let offered = description.iceCredentials(of: section), offered != described,
            let fingerprint = description.fingerprint(of: section)
        else { return }
        described = offered
        ice = ICEClientAgent(
            local: credentials, remote: offered,
            remoteCandidates: addresses(section.candidates), tieBreaker: 1, now: now)
        guard dtls == nil else { return }
        dtls = DTLSSession(
            role: .client, certificate: Self.certificate, peerFingerprint: fingerprint, now: now)
    }

    /// Where the peer's path leads to.
    private func addresses(_ candidates: [ICECandidate]) -> [TransportAddress] {
        candidates.filter { ($0.transport == .tcp) == path.isTCP }.compactMap(\.transportAddress)
            .filter { $0.isIPv4 == path.isIPv4 }
    }

    /// As if the peer's network had changed: a new address, which is nominated at once.
    func move(now: Instant) {
        socket = path.makeSocket()
        ice?.renominate(now: now)
    }

    /// Whether a description names other credentials than the one that this connection was made with.
    func isRestarted(by description: SessionDescription) -> Bool {
        guard let described, let section = description.media.first(where: { !$0.candidates.isEmpty }) else {
            return false
        }
        return description.iceCredentials(of: section) != described
    }

    /// New credentials for the next description; a network that is lost takes the address along.
    func restart(moving: Bool) {
        credentials = ICECredentials.random(using: &random)
        if moving { socket = path.makeSocket() }
    }

    /// As if the network were gone: nothing goes out and nothing comes in.
    func cut() { isClosed = true }

    func close() {
        if let dtls, let remote { for datagram in dtls.close().datagrams { socket.send(datagram, to: remote) } }
        isClosed = true
    }

    /// One more connectivity check, also of a transport that is closed.
    func checkAgain(now: Instant) {
        ice?.renominate(now: now)
        for transmit in ice?.advance(to: now, using: &random).transmits ?? [] {
            socket.send(transmit.bytes, to: transmit.destination)
        }
    }

    // MARK: - The loop's turn

    func step(now: Instant) {
        guard !isClosed else { return }
        while let (start, length, sender) = socket.receive() { receive(start, length, sender, now) }
        if ice != nil { carryOut(ice!.advance(to: now, using: &random), now) }
        if let dtls, let due = dtls.nextTimeout, due <= now, remote != nil { carryOut(dtls.advance(to: now), now) }
        if association != nil {
            if let due = association!.nextTimeout, due <= now { association!.advance(to: now) }
            flush(now)
        }
    }

    private func receive(
        _ start: UnsafeMutableRawPointer, _ length: Int, _ sender: TransportAddress, _ now: Instant
    ) {
        let bytes = UnsafeRawBufferPointer(start: start, count: length).bytes
        switch DatagramKind.classify(bytes) {
        case .stun: if ice != nil { carryOut(ice!.receive(bytes, from: sender, now: now), now) }
        case .dtls: if let dtls { carryOut(dtls.receive(bytes, now: now), now) }
        case .rtp:
            guard let count = try? opener?.open(rtp: start, length: length) else { return }
            if let packet = ReceivedPacket(UnsafeRawBufferPointer(start: start, count: count).bytes) {
                packets.append(packet)
            }
        case .rtcp:
            guard let count = try? opener?.open(rtcp: start, length: length) else { return }
            let compound = try? RTCPCompound.parse(UnsafeRawBufferPointer(start: start, count: count).bytes)
            feedback += compound ?? []
            news += compound ?? []
        case .unknown: break
        }
    }

    private func carryOut(_ output: ICEClientOutput, _ now: Instant) {
        for transmit in output.transmits { socket.send(transmit.bytes, to: transmit.destination) }
        for case .connected(let address) in output.events where remote == nil {
            remote = address
            if let dtls { carryOut(dtls.start(now: now), now) }
        }
    }

    private func carryOut(_ output: DTLSSession.Output, _ now: Instant) {
        guard let remote else { return }
        for datagram in output.datagrams { socket.send(datagram, to: remote) }
        for event in output.events {
            switch event {
            case .connected(let keys):
                sealer = try? SRTPSealer(profile: keys.profile, key: keys.localKey, salt: keys.localSalt)
                opener = try? SRTPOpener(profile: keys.profile, key: keys.remoteKey, salt: keys.remoteSalt)
                association = SCTPAssociation(role: .active, usesEvenStreams: true, now: now, using: &random)
                association!.start(now: now)
                isConnected = true
            case .applicationData(let bytes):
                if let packet = try? SCTPPacket(parsing: bytes.span.bytes), packet.verificationTag == Self.strayTag {
                    strayPackets.append(packet)
                }
                association?.receive(bytes.span.bytes, now: now)
            case .closed, .failed: isClosed = true
            }
        }
    }

    private func flush(_ now: Instant) {
        while let event = association!.pollEvent() {
            switch event {
            case .connected where opensChannels:
                let reliable = association!.openChannel(label: "_reliable", now: now)
                let lossy = association!.openChannel(
                    label: "_lossy", reliability: .maxRetransmits(0), ordered: false, now: now)
                labels = [reliable: "_reliable", lossy: "_lossy"]
            case .channelOpened(let id, let label, _, _, _): labels[id] = label
            case .message(let id, let bytes, _): messages.append((labels[id] ?? "", bytes))
            default: break
            }
        }
        guard let dtls, let remote else { return }
        while let packet = association!.pollPacket(now: now) {
            for datagram in dtls.send(packet.span.bytes).datagrams { socket.send(datagram, to: remote) }
        }
    }

    // MARK: - Sending

    func send(message: [UInt8], label: String, now: Instant) -> Bool {
        guard let id = labels.first(where: { $0.value == label })?.key else { return false }
        let isQueued = (try? association?.send(message, isText: false, on: id, now: now)) != nil
        flush(now)
        return isQueued
    }

    func send(rtcp packets: [RTCPPacket]) {
        var bytes = RTCPCompound.serialize(packets)
        let length = bytes.count
        bytes += [UInt8](repeating: 0, count: SRTPSealer.maximumOverhead)
        guard let sealer, let remote,
            let sealed = bytes.withUnsafeMutableBytes({ try? sealer.seal(rtcp: $0.baseAddress!, length: length) })
        else { return }
        latestReport = Array(bytes.prefix(sealed))
        socket.send(latestReport, to: remote)
    }

    /// One packet with its header extensions and the next transport-wide number. A lost one is made all the same.
    func send(
        ssrc: UInt32, payloadType: UInt8, sequence: UInt16, timestamp: UInt32, marker: Bool,
        extensions: [(id: UInt8, value: [UInt8])], payload: [UInt8], isLost: Bool = false
    ) {
        guard let sealer, let remote else { return }
        transportSequence &+= 1
        let number = [UInt8(transportSequence >> 8), UInt8(truncatingIfNeeded: transportSequence)]
        var bytes = [UInt8](repeating: 0, count: 2048)
        let sealed = bytes.withUnsafeMutableBytes { buffer -> Int? in
            let start = buffer.baseAddress!
            RTPHeader.write(
                to: start, marker: marker, payloadType: payloadType, sequenceNumber: sequence, timestamp: timestamp,
                ssrc: ssrc, hasExtension: true)
            var writer = RTPExtensionWriter(UnsafeMutableRawBufferPointer(rebasing: buffer[12...]))
            for (id, value) in extensions { writer.append(id: id, value.span.bytes) }
            writer.append(id: TestTrack.ExtensionID.transportWideCC, number.span.bytes)
            let head = 12 + writer.finish()
            payload.withUnsafeBytes { (start + head).copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
            return try? sealer.seal(rtp: start, length: head + payload.count)
        }
        guard let sealed, !isLost else { return }
        latest = Array(bytes.prefix(sealed))
        socket.send(latest, to: remote)
    }
}
