package import Media

@testable import Relay

/// One thing that the server does over and over, ready to be done once more: benchmarks time it, tests count what it asks
/// of the heap.
package struct Piece {
    package let name: String
    package let run: () throws -> Void

    /// Bytes of a packet before it is sealed: what a stream of 2 Mbit/s has on average.
    package static let packetLength = 1080

    /// - Parameter offer: a publisher's session description.
    package static func all(offer: String) throws -> [Piece] {
        try [.parse, .rewrite, .seal(.fastest), .forward(to: 50), .check, .answer(offer), .join]
    }

    /// Reads the header of an RTP packet and the VP8 descriptor behind it.
    package static var parse: Piece {
        let source = SyntheticSource(packetLength: packetLength)
        source.beginFrame(isKeyframe: false)
        let length = source.writePacket(isLast: true)
        return Piece(name: "parse") {
            let packet = UnsafeRawBufferPointer(start: source.packet, count: length)
            let header = try RTPHeader(parsing: packet.bytes)
            _ = try VP8Descriptor(parsing: header.payload(of: packet.bytes))
        }
    }

    /// Numbers a packet for a viewer and writes it.
    package static var rewrite: Piece {
        var random = SystemRandom()
        var configuration = Subscription.Configuration(
            ssrc: 1, payloadType: 96, rtx: .init(ssrc: 2, payloadType: 97), codec: .video(.vp8), clockRate: 90_000)
        configuration.hasTransportWideFeedback = true
        let subscription = Subscription(configuration, using: &random)
        let (bytes, out) = (Memory(), Memory())
        var info = PacketInfo()
        info.payloadLength = UInt16(packetLength - RTPHeader.fixedLength)
        info.flags = [.frameStart, .keyframeStart]
        return Piece(name: "rewrite") {
            info.sequence += 1
            info.index += 1
            info.timestamp &+= 3000
            let rewrite = subscription.rewrite(info, layer: 0)!
            _ = rewrite.write(info, bytes: bytes.start, transportSequence: 1, into: out.start)
            info.flags = [.frameStart]
        }
    }

    package static func seal(_ engine: SealingEngine, _ profile: SRTPProfile = .aeadAES128GCM) throws -> Piece {
        let sealer = try SRTPSealer(
            profile: profile, key: [UInt8](repeating: 1, count: profile.keyLength),
            salt: [UInt8](repeating: 2, count: profile.saltLength), engine: engine)
        let packet = Memory()
        packet.start.storeBytes(of: 0x80, as: UInt8.self)
        var sequence: UInt16 = 0
        return Piece(name: "seal") {
            sequence &+= 1
            packet.start.storeBytes(of: sequence.bigEndian, toByteOffset: 2, as: UInt16.self)
            _ = try sealer.seal(rtp: packet.start, length: packetLength)
        }
    }

    /// Parses, rewrites, seals and sends one packet to each of `viewers`, and reads it away at the other end.
    package static func forward(to viewers: Int) throws -> Piece {
        let path = try ForwardingPath(viewers: viewers, packetLength: packetLength)
        path.forward(packets: 1, isKeyframe: true)
        path.drain()
        return Piece(name: "forward-\(viewers)") {
            path.forward(packets: 1)
            path.drain()
        }
    }

    /// Answers a connectivity check.
    package static var check: Piece {
        var random = SystemRandom()
        let credentials = ICECredentials.random(using: &random)
        let now = Instant(nanoseconds: 0)
        var agent = ICELiteAgent(local: credentials, remoteUfrag: nil, now: now)
        let address = TransportAddress(ipv4: (192, 0, 2, 1), port: 5000)
        var check = STUNMessage(.request, transactionID: .random(using: &random))
        check.username = "\(credentials.ufrag):viewer"
        check.priority = 1
        check.iceControlling = 1
        let request = check.serialize(integrityPassword: credentials.password)
        return Piece(name: "check") { _ = agent.receive(request.span.bytes, from: address, now: now) }
    }

    /// Reads a publisher's offer and writes the answer.
    package static func answer(_ offer: String) -> Piece {
        let endpoint = LocalEndpoint(
            fingerprint: Fingerprint(bytes: [UInt8](repeating: 7, count: 32)),
            candidates: LocalEndpoint.candidates(addresses: ["192.0.2.1"], port: 7882), maxMessageSize: 65_536)
        let announced = [
            PublisherNegotiation.Announced(track: TrackID("TR_v"), clientID: "?v", kind: .video, layerCount: 3),
            PublisherNegotiation.Announced(track: TrackID("TR_a"), clientID: "?a", kind: .audio, layerCount: 1),
        ]
        var random = SystemRandom()
        let credentials = ICECredentials.random(using: &random)
        return Piece(name: "answer") {
            var negotiation = PublisherNegotiation(credentials: credentials, endpoint: endpoint, sessionID: 5)
            _ = try negotiation.answer(offer, announced: announced)
        }
    }

    /// A viewer's connection as a worker makes it: a check, a DTLS handshake and a subscription. The viewer's own half of the
    /// handshake is in it.
    package static var join: Piece {
        get throws {
            let now = Clock.now()
            let socket = try UDPSocket(host: "127.0.0.1", port: 0)
            let outbox = Outbox(
                descriptor: socket.descriptor, streams: TCPConnections(worker: 0, poller: try Poller()))
            let certificate = try DTLSCertificate(now: Int(Clock.wallMilliseconds() / 1000))
            let feed = TrackFeed(
                track: TrackID("TR_join"), publisher: TransportID(rawValue: 0), codec: .video(.vp8), clockRate: 90_000,
                layerCount: 1)
            let fanout = Fanout(feed)
            return Piece(name: "join") {
                let viewer = try LoopbackViewer(1, certificate: certificate, profile: .aeadAES128GCM)
                try viewer.connect(outbox: outbox, now: now)
                let subscription = viewer.watch(feed, from: fanout)
                fanout.add(subscription, transport: viewer.transport)
                fanout.remove(subscription)
                withExtendedLifetime(socket) {}
            }
        }
    }
}

/// Zeros, room for a packet.
private final class Memory {
    let start = UnsafeMutableRawPointer.allocate(byteCount: 2048, alignment: 64)

    init() { start.initializeMemory(as: UInt8.self, repeating: 0, count: 2048) }

    deinit { start.deallocate() }
}
