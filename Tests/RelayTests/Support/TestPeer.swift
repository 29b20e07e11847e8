import Glibc
import Media
import Testing

@testable import Relay

/// A participant for tests: joins a relay, negotiates as a client does, and speaks ICE, DTLS, SRTP, RTCP and SCTP with it
/// over loopback sockets on a thread of its own.
///
/// Everything that the thread and the test share is behind one lock; the test looks at it with `look` and waits with
/// `eventually`.
final class TestPeer: Sendable {
    /// What the thread works on.
    struct State {
        let publisher: PeerTransport
        let subscriber: PeerTransport
        var tracks: [TestTrack] = []
        var nextFrame = Instant(nanoseconds: 0)
        var nextReport = Instant(nanoseconds: 0)
        var isRunning = true
        /// The subscriber's sections as last offered.
        var offered: SessionDescription?
        var offers: [SessionDescription] = []
        /// Keyframe requests that reached the publisher, by SSRC.
        var pictureLosses: [UInt32: [Instant]] = [:]
        /// Sequence numbers that the relay asked the publisher for.
        var nacked: [UInt16] = []
        var events: [ParticipantEvent] = []
        var hasEnded = false
        /// Names the signalling connection.
        var link = 0
        /// Whether the peer has another address each time that the relay restarts ICE.
        var movesOnRestart = false
        /// Whether answers take redundant sound.
        var takesRedundancy = true

        init(_ path: PeerPath) {
            publisher = PeerTransport(opensChannels: true, path: path)
            subscriber = PeerTransport(opensChannels: false, path: path)
        }
    }

    let relay: Relay
    let identity: String
    let joined: Joined
    let state: Locked<State>
    var id: ParticipantID { joined.participant.id }

    init(
        _ relay: Relay, room: String = "room", identity: String, permission: Permission = .everything,
        autoSubscribe: Bool = true, answersOffers: Bool = true, takesRedundancy: Bool = true, path: PeerPath = .udp
    ) async throws {
        self.relay = relay
        state = Locked(State(path))
        state.withLock { $0.takesRedundancy = takesRedundancy }
        self.identity = identity
        joined = try await relay.join(
            JoinRequest(
                room: room, identity: identity, permission: permission, autoSubscribe: autoSubscribe))
        listen(to: joined.events, link: joined.link, answersOffers: answersOffers)
        startThread()
    }

    /// Follows what a signalling connection is told.
    func listen(to stream: AsyncStream<ParticipantEvent>, link: Int, answersOffers: Bool = true) {
        state.withLock {
            $0.link = link
            $0.hasEnded = false
        }
        Task { [self] in
            for await event in stream {
                state.withLock { $0.events.append(event) }
                if answersOffers, case .subscriberOffer(let sdp, let id) = event { await answer(sdp, id: id) }
            }
            state.withLock { if $0.link == link { $0.hasEnded = true } }
        }
    }

    /// Ends the thread and the sockets, without a word to the relay.
    func stop() {
        state.withLock { $0.isRunning = false }
    }

    // MARK: - Looking

    func look<Result>(_ body: (inout State) -> sending Result) -> sending Result { state.withLock(body) }

    /// RTP of one SSRC, in order of arrival.
    func packets(ssrc: UInt32) -> [ReceivedPacket] {
        look { $0.subscriber.packets.filter { $0.ssrc == ssrc } }
    }

    /// RTP of a track that the peer subscribes to, in order of arrival.
    func packets(of track: TrackID) -> [ReceivedPacket] {
        guard let ssrc = section(of: track)?.ssrcs.first?.ssrc else { return [] }
        return packets(ssrc: ssrc)
    }

    func pictures(of track: TrackID) -> [TestPicture] { packets(of: track).compactMap(\.picture) }

    /// The section of the newest offer that carries a track.
    func section(of track: TrackID) -> MediaDescription? {
        look { $0.offered?.media.first { $0.msid?.track == track.rawValue } }
    }

    func ssrc(of track: TrackID) -> UInt32? { section(of: track)?.ssrcs.first?.ssrc }

    var events: [ParticipantEvent] { look { $0.events } }
    var messages: [(label: String, bytes: [UInt8])] { look { $0.subscriber.messages } }
    var isSubscriberConnected: Bool { look { $0.subscriber.isConnected } }
    var isPublisherConnected: Bool { look { $0.publisher.isConnected } }

    /// The newest that the peer was told of another participant.
    func told(of other: ParticipantID) -> ParticipantState? {
        events.reversed().lazy.compactMap { event -> ParticipantState? in
            guard case .participants(let states) = event else { return nil }
            return states.first { $0.id == other }
        }.first
    }

    var leaveReason: LeaveReason? {
        events.lazy.compactMap { if case .left(let reason) = $0 { reason } else { nil } }.first
    }

    // MARK: - Negotiating

    /// Announces a track, waits for its id and offers it.
    @discardableResult
    func publish(
        _ kind: TrackKind, source: TrackSource = .unknown, rids: [String] = [""], layers: [TrackState.Layer] = [],
        isRedundant: Bool = false, encryption: Int = 0
    ) async throws -> TrackID {
        let clientID = "client-\(identity)-\(look { $0.tracks.count })"
        try await relay.addTrack(
            id,
            TrackRequest(clientID: clientID, kind: kind, source: source, layers: layers, encryption: encryption))
        let track = try await published(clientID)
        look { state in
            let count = state.tracks.count
            var new = TestTrack(
                kind, clientID: clientID, mid: "m\(count)", rids: rids, firstSSRC: UInt32(1000 + 100 * count))
            new.id = track
            new.isRedundant = isRedundant
            state.tracks.append(new)
        }
        try await offer()
        return track
    }

    private func published(_ clientID: String) async throws -> TrackID {
        var track: TrackID?
        try await eventually("the track is accepted") {
            track =
                events.lazy.compactMap { event -> TrackID? in
                    guard case .trackPublished(clientID, let state) = event else { return nil }
                    return state.id
                }.first
            return track != nil
        }
        return track!
    }

    /// Offers what is published now, and connects.
    @discardableResult
    func offer() async throws -> SessionDescription {
        let answer = try SessionDescription(parsing: try await relay.publisherOffer(id, sdp: description))
        look { $0.publisher.connect(to: answer, now: Clock.now()) }
        return answer
    }

    /// The offer of what is published now.
    var description: String {
        look { state in
            var data = MediaDescription(kind: .application, mid: "data")
            data.sctpPort = 5000
            return describe([data] + state.tracks.map(\.section), .actpass, state.publisher.credentials).serialized()
        }
    }

    func unpublish(_ track: TrackID) async throws {
        change(track) { track in
            track.isSending = false
            track.isPublished = false
        }
        try await offer()
    }

    func change(_ track: TrackID, _ body: (inout TestTrack) -> Void) {
        look { state in
            guard let index = state.tracks.firstIndex(where: { $0.id == track }) else { return }
            body(&state.tracks[index])
        }
    }

    func answer(_ sdp: String, id offer: UInt32) async {
        guard let description = try? SessionDescription(parsing: sdp) else { return }
        let text = look { state -> String in
            state.offered = description
            state.offers.append(description)
            let sections = description.media.map { offered in
                var section = MediaDescription(
                    kind: offered.kind, protocol: offered.protocol, mid: offered.mid,
                    direction: offered.direction.reversed,
                    codecs: offered.codecs.filter { state.takesRedundancy || !$0.isNamed("red") },
                    headerExtensions: offered.headerExtensions)
                section.sctpPort = offered.sctpPort
                return section
            }
            if state.subscriber.isRestarted(by: description) {
                state.subscriber.restart(moving: state.movesOnRestart)
            }
            let answer = describe(sections, .active, state.subscriber.credentials)
            state.subscriber.connect(to: description, now: Clock.now())
            return answer.serialized()
        }
        try? await relay.subscriberAnswer(id, sdp: text, id: offer)
    }

    private func describe(
        _ sections: [MediaDescription], _ setup: Setup, _ credentials: ICECredentials
    ) -> SessionDescription {
        SessionDescription(
            origin: SessionDescription.Origin(sessionID: 1, version: 1), groupBundle: sections.compactMap(\.mid),
            iceCredentials: credentials, fingerprint: PeerTransport.certificate.fingerprint, setup: setup,
            media: sections)
    }

    // MARK: - The thread

    private func startThread() {
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                Unmanaged<TestPeer>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        precondition(result == 0)
        pthread_detach(thread)
    }

    private func run() {
        while true {
            let isRunning = state.withLock { state in
                guard state.isRunning else { return false }
                state.step(now: Clock.now())
                return true
            }
            guard isRunning else { return }
            usleep(2000)
        }
    }
}

extension TestPeer.State {
    /// The newest packet of every encoding, over its retransmission stream.
    mutating func sendAgainEverything() {
        for index in tracks.indices where tracks[index].isPublished {
            for layer in tracks[index].encodings.indices {
                sendAgain(index, layer, tracks[index].encodings[layer].sequence)
            }
        }
    }

    fileprivate mutating func step(now: Instant) {
        publisher.step(now: now)
        subscriber.step(now: now)
        for packet in publisher.news { receive(packet, now: now) }
        publisher.news = []
        subscriber.news = []
        guard publisher.isConnected, now >= nextFrame else { return }
        nextFrame = now + .milliseconds(20)
        for index in tracks.indices where tracks[index].isSending && tracks[index].isPublished { sendFrame(index) }
        if now >= nextReport {
            nextReport = now + .milliseconds(500)
            for track in tracks where track.isSending && track.isPublished { sendReports(track) }
        }
    }

    private mutating func sendFrame(_ index: Int) {
        for layer in tracks[index].encodings.indices where tracks[index].encodings[layer].isLive {
            let (payload, sequence, timestamp, isLost) = tracks[index].next(layer)
            let track = tracks[index]
            let encoding = track.encodings[layer]
            publisher.send(
                ssrc: encoding.ssrc,
                payloadType: track.payloadType, sequence: sequence, timestamp: timestamp, marker: track.kind == .video,
                extensions: track.extensions(encoding, isRetransmission: false), payload: payload, isLost: isLost)
        }
        if tracks[index].packetsToDrop > 0 { tracks[index].packetsToDrop -= 1 }
    }

    private func sendReports(_ track: TestTrack) {
        let ntp = NTPTime(unixNanoseconds: Clock.wallNanoseconds()).rawValue
        for encoding in track.encodings where encoding.isLive {
            publisher.send(rtcp: [
                .senderReport(
                    SenderReport(
                        ssrc: encoding.ssrc, ntp: ntp, rtpTimestamp: encoding.timestamp,
                        packetCount: encoding.number, octetCount: 1))
            ])
        }
    }

    private mutating func receive(_ packet: RTCPPacket, now: Instant) {
        switch packet {
        case .pictureLossIndication(let loss):
            pictureLosses[loss.mediaSSRC, default: []].append(now)
            for index in tracks.indices where tracks[index].answersKeyframeRequests {
                for layer in tracks[index].encodings.indices where tracks[index].encodings[layer].ssrc == loss.mediaSSRC
                {
                    tracks[index].encodings[layer].wantsKeyframe = true
                }
            }
        case .nack(let nack):
            nacked += nack.sequenceNumbers
            for index in tracks.indices where tracks[index].answersNACKs {
                for layer in tracks[index].encodings.indices where tracks[index].encodings[layer].ssrc == nack.mediaSSRC
                {
                    for sequence in nack.sequenceNumbers { sendAgain(index, layer, sequence) }
                }
            }
        default: break
        }
    }

    private mutating func sendAgain(_ index: Int, _ layer: Int, _ original: UInt16) {
        let encoding = tracks[index].encodings[layer]
        guard let (payload, timestamp, marker) = encoding.sent[original] else { return }
        tracks[index].encodings[layer].rtxSequence &+= 1
        publisher.send(
            ssrc: encoding.rtxSSRC, payloadType: TestTrack.rtxPayloadType, sequence: encoding.rtxSequence,
            timestamp: timestamp, marker: marker,
            extensions: tracks[index].extensions(encoding, isRetransmission: true),
            payload: [UInt8(original >> 8), UInt8(truncatingIfNeeded: original)] + payload)
    }
}

extension TestTrack {
    fileprivate func extensions(_ encoding: Encoding, isRetransmission: Bool) -> [(id: UInt8, value: [UInt8])] {
        var values: [(id: UInt8, value: [UInt8])] = [
            (ExtensionID.absSendTime, [1, 2, 3]), (ExtensionID.mid, Array(mid.utf8)),
        ]
        if kind == .audio { return values + [(ExtensionID.audioLevel, [0x80 | level])] }
        values.append((ExtensionID.orientation, [1]))
        if isSimulcast {
            values.append((isRetransmission ? ExtensionID.repairedRID : ExtensionID.rid, Array(encoding.rid.utf8)))
        }
        return values
    }
}
