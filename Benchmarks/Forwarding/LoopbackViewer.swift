import Glibc
import Media
import Reference

@testable import Relay

/// A viewer's connection, and the viewer at its other end: a socket on this machine that has shaken hands.
final class LoopbackViewer {
    private struct HandshakeFailed: Error {}

    let transport: Transport
    let outgoing = OutgoingTracks()
    private let number: Int
    let descriptor: Int32
    private let port: UInt16
    private let certificate: DTLSCertificate
    private let client: DTLSSession

    init(_ number: Int, certificate: DTLSCertificate, profile: SRTPProfile) throws {
        self.number = number
        self.certificate = certificate
        var port: UInt16 = 0
        descriptor = reference_socket(&port)
        guard descriptor >= 0 else { throw RelayStartError("socket", errno) }
        self.port = port
        let now = Clock.now()
        var random = SystemRandom()
        transport = Transport(
            TransportSetup(
                id: TransportID(rawValue: UInt64(number) + 1), direction: .outgoing,
                credentials: .random(using: &random), certificate: certificate, limits: DataLimits()), now: now)
        client = DTLSSession(
            role: .client, certificate: certificate, peerFingerprint: certificate.fingerprint, profiles: [profile],
            now: now)
    }

    deinit { close(descriptor) }

    /// A connectivity check and a DTLS handshake, without loss.
    func connect(outbox: Outbox, now: Instant) throws {
        let from = TransportAddress(ipv4: (127, 0, 0, 1), port: port)
        var random = SystemRandom()
        let credentials = transport.setup.credentials
        var check = STUNMessage(.request, transactionID: .random(using: &random))
        check.username = "\(credentials.ufrag):viewer"
        check.priority = 1
        check.iceControlling = 1
        check.useCandidate = true
        let request = check.serialize(integrityPassword: credentials.password)
        guard transport.receive(stun: request.span.bytes, from: from, now: now, outbox: outbox) else {
            throw HandshakeFailed()
        }
        _ = transport.setRemote(fingerprint: certificate.fingerprint, now: now, outbox: outbox)
        var flight = client.start(now: now).datagrams
        for _ in 0..<10 where !transport.isReady {
            for datagram in flight {
                _ = transport.receive(dtls: datagram.span.bytes, now: now, outbox: outbox)
            }
            outbox.flush()
            flight = []
            while let datagram = receive() {
                guard DatagramKind.classify(datagram.span.bytes) == .dtls else { continue }
                flight += client.receive(datagram.span.bytes, now: now).datagrams
            }
        }
        guard transport.isReady else { throw HandshakeFailed() }
        drain()
    }

    /// Subscribes to a track, as a browser does: with retransmission and transport-wide feedback.
    func watch(_ feed: TrackFeed, from fanout: Fanout) -> Subscription {
        let ssrc = UInt32(0x10000 + 2 * number)
        var configuration = Subscription.Configuration(
            ssrc: ssrc, payloadType: 96, rtx: .init(ssrc: ssrc + 1, payloadType: 97), codec: feed.codec,
            clockRate: feed.clockRate)
        configuration.hasTransportWideFeedback = true
        let subscription = outgoing.add(
            OutgoingTrack(
                feed: feed, cname: "benchmark", configuration: configuration, wanted: .layer(0), sizes: [(0, 0)]),
            from: fanout)
        subscription.release()
        return subscription
    }

    @discardableResult
    func drain() -> Int { Int(reference_drain(descriptor)) }

    private func receive() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 2048)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count >= 0 ? Array(buffer.prefix(count)) : nil
    }
}
