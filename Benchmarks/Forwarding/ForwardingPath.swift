package import Media

@testable import Relay

/// The way of a packet through one worker, by itself: a publisher's packets in the clear go in, and what a room of viewers
/// gets of them goes out through a real socket. The parts are the relay's own; only the worker's loop is not there, so that
/// one thread can count and time what is done.
package final class ForwardingPath {
    private static let track = TrackID("TR_benchmark")
    private static let publisher = TransportID(rawValue: 0)

    private let feed: TrackFeed
    private let fanout: Fanout
    private let incoming = IncomingTracks()
    private let socket: UDPSocket
    private let outbox: Outbox
    private let viewers: [LoopbackViewer]
    private let source: SyntheticSource
    package private(set) var now: Instant
    /// How often the fan-out had its turn.
    package private(set) var turns = 0

    /// - Parameters:
    ///   - viewers: each with a connection of its own, made by a real handshake.
    ///   - packetLength: bytes of a packet from the publisher, without encryption.
    package init(viewers count: Int, packetLength: Int, profile: SRTPProfile = .aeadAES128GCM) throws {
        let start = Clock.now()
        now = start
        feed = TrackFeed(
            track: Self.track, publisher: Self.publisher, codec: .video(.vp8), clockRate: 90_000, layerCount: 1)
        fanout = Fanout(feed)
        socket = try UDPSocket(host: "127.0.0.1", port: 0)
        outbox = Outbox(
            descriptor: socket.descriptor, streams: TCPConnections(worker: 0, poller: try Poller()),
            // Time passes as `arrive` says.
            clock: { start })
        source = SyntheticSource(packetLength: packetLength)
        incoming.add(
            IncomingTrack(
                feed: feed, mid: "0", payloadType: SyntheticSource.payloadType, rtxPayloadType: nil, rids: [""],
                ssrcs: [SyntheticSource.ssrc: StreamRole(layer: 0, isRetransmission: false)], sendsNack: true,
                extensions: IncomingExtensions()), now: now)
        let certificate = try DTLSCertificate(now: Int(Clock.wallMilliseconds() / 1000))
        var made: [LoopbackViewer] = []
        for number in 0..<count {
            let viewer = try LoopbackViewer(number, certificate: certificate, profile: profile)
            try viewer.connect(outbox: outbox, now: now)
            fanout.add(viewer.watch(feed, from: fanout), transport: viewer.transport)
            made.append(viewer)
        }
        viewers = made
    }

    /// Packets of one frame arrive together, and leave for every viewer before this returns.
    package func forward(packets: Int, isKeyframe: Bool = false, after interval: Duration = .milliseconds(33)) {
        arrive(packets: packets, isKeyframe: isKeyframe, after: interval)
        forward()
    }

    /// Packets of one frame, or its beginning or end, arrive together and are kept.
    package func arrive(
        packets: Int, isKeyframe: Bool = false, beginsFrame: Bool = true, endsFrame: Bool = true,
        after interval: Duration = .milliseconds(33)
    ) {
        now = now + interval
        outbox.now = now
        if beginsFrame { source.beginFrame(isKeyframe: isKeyframe) }
        for index in 0..<packets {
            let length = source.writePacket(isLast: endsFrame && index == packets - 1)
            _ = incoming.receive(source.packet, length, arrival: now, outbox: outbox)
        }
    }

    /// What has arrived leaves for every viewer.
    package func forward() {
        turns += 1
        while fanout.drain(into: outbox) { turns += 1 }
        outbox.fresh.removeAll(keepingCapacity: true)
        outbox.unsettled.removeAll(keepingCapacity: true)
        outbox.flush()
    }

    /// Packets that were sent, and dropped for any reason, since the start.
    package var sent: Int { Int(outbox.counters.packetsOut) }
    package var dropped: Int { DropReason.allCases.reduce(0) { $0 + Int(outbox.counters[$1]) } }

    /// Packets of the publisher's that were passed over, and keyframes it was to be asked for, since the start.
    package var skipped: Int { Int(outbox.counters.skippedPackets) }
    package var keyframesAsked: Int { outbox.keyframeRequests.count }

    /// When what arrived is to be looked after, as it would be now: losses, reports, levels.
    package var dueTime: Instant? { incoming.nextTimeout }
    package func lookAfterPublisher(at time: Instant) {
        incoming.advance(to: time, on: viewers[0].transport, outbox: outbox)
    }

    /// A packet of the publisher's that does not arrive.
    package func losePacket() { _ = source.writePacket(isLast: true) }

    /// Takes what the viewers' sockets hold, so that they do not fill up. The number of datagrams.
    @discardableResult
    package func drain() -> Int { viewers.reduce(0) { $0 + $1.drain() } }

    /// Of every viewer, for another loop that is to send to the same sockets.
    package var destinations: [Int32] { viewers.map(\.descriptor) }
    package var descriptor: Int32 { socket.descriptor }
}
