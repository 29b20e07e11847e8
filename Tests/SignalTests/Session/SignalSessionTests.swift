import LiveKitProtocol
import NIOCore
import SwiftProtobuf
import Testing

@testable import Relay
@testable import Signal

/// A relay that notes what it is asked and answers as it was told to.
actor ScriptedRelay {
    private(set) var commands: [RelayCommand] = []
    private var refusal: RelayError?

    func refuse(with error: RelayError) { refusal = error }

    func perform(_ command: RelayCommand) throws(RelayError) -> String? {
        commands.append(command)
        if let refusal { throw refusal }
        if case .publisherOffer = command { return "the answer" }
        return nil
    }
}

/// A session with everything around it in memory.
struct Conversation {
    let relay = ScriptedRelay()
    let tokens = AccessTokens(keys: ["key": "secret"])
    let outbox: OutgoingQueue
    let session: SignalSession
    let start = ContinuousClock.now

    /// - Parameter resumed: nil for a participant who joins.
    init(
        format: SignalFormat = .protobuf, settings: SignalSettings = SignalSettings(), issuedAt: Int64? = nil,
        preference: ICEPreference = .any, resumed: Resumed? = nil
    ) {
        outbox = OutgoingQueue(messageLimit: settings.limits.queuedMessages, byteLimit: settings.limits.queuedBytes)
        let (events, _) = AsyncStream<ParticipantEvent>.makeStream()
        let joined = Joined(
            participant: Sample.participant(), room: Sample.room, others: [Sample.participant("bob")], link: 1,
            events: events, icePreference: preference)
        let grant = Grant(
            identity: "alice", name: "ALICE", room: "studio", roomJoin: true, issuedAt: issuedAt, apiKey: "key")
        let relay = relay
        session = SignalSession(
            greeting: resumed.map { .resume($0, lastSequence: 7) } ?? .join(joined), grant: grant, tokens: tokens,
            format: format, settings: settings, counters: SignalCounters(), outbox: outbox,
            logger: Sample.logger, at: start
        ) { command async throws(RelayError) in try await relay.perform(command) }
    }

    func ask(_ request: LiveKit_SignalRequest.OneOf_Message) async throws -> SignalEnding? {
        await session.receive(try Sample.binary(request), at: start)
    }

    /// Everything that was said so far; nothing can be said afterwards.
    func said() async throws -> [LiveKit_SignalResponse.OneOf_Message] {
        try await frames().compactMap { try Sample.response($0).message }
    }

    func frames() async -> [WebSocketMessage] {
        outbox.close()
        var frames: [WebSocketMessage] = []
        for await frame in outbox.messages { frames.append(frame) }
        return frames
    }
}

@Suite struct SignalSessionTests {
    @Test func `a client is greeted with the room and a token that lets it come back`() async throws {
        let conversation = Conversation()
        #expect(await conversation.session.greet(at: conversation.start) == nil)
        let said = try await conversation.said()
        guard said.count == 2, case .join(let join) = said[0], case .refreshToken(let token) = said[1] else {
            Issue.record("said \(said)")
            return
        }
        #expect(join.participant.sid == "PA_alice")
        #expect(join.room.sid == "RM_1")
        #expect(join.otherParticipants.map(\.identity) == ["bob"])
        #expect(join.subscriberPrimary && join.fastPublish)
        #expect(join.pingInterval == 5 && join.pingTimeout == 15)
        #expect(join.serverInfo.protocol == 17)
        #expect(!join.serverVersion.isEmpty)
        let grant = try await conversation.tokens.verify(token)
        #expect(grant.identity == "alice" && grant.room == "studio" && grant.roomJoin)
    }

    @Test func `the token to come back with is no older than the one that let them in`() async throws {
        // As after a take-over: the new token bears the second after the old ones were revoked.
        let issuedAt = AccessTokens.now() + 5
        let conversation = Conversation(issuedAt: issuedAt)
        #expect(await conversation.session.greet(at: conversation.start) == nil)
        guard case .refreshToken(let token) = try await conversation.said().last else {
            Issue.record("no token")
            return
        }
        #expect(try await conversation.tokens.verify(token).issuedAt == issuedAt)
    }

    @Test func `an offer is answered under its number`() async throws {
        let conversation = Conversation()
        _ = try await conversation.ask(.offer(LiveKit_SessionDescription(type: "offer", sdp: "v=0", id: 7)))
        #expect(
            try await conversation.said()
                == [.answer(LiveKit_SessionDescription(type: "answer", sdp: "the answer", id: 7))])
    }

    @Test func `a refused track names the request that was refused`() async throws {
        let conversation = Conversation()
        await conversation.relay.refuse(with: .notPermitted("publishing"))
        let request = LiveKit_AddTrackRequest.with {
            $0.cid = "c"
            $0.type = .audio
        }
        #expect(try await conversation.ask(.addTrack(request)) == nil)
        guard case .requestResponse(let response) = try await conversation.said().first else {
            Issue.record("no response")
            return
        }
        #expect(response.reason == .notAllowed)
        #expect(response.request == .addTrack(request))
    }

    @Test func `subscribing to a track that is not there fails for that track`() async throws {
        let conversation = Conversation()
        await conversation.relay.refuse(with: .trackNotFound)
        let request = LiveKit_UpdateSubscription.with {
            $0.trackSids = ["TR_gone"]
            $0.subscribe = true
        }
        _ = try await conversation.ask(.subscription(request))
        guard case .subscriptionResponse(let response) = try await conversation.said().first else {
            Issue.record("no response")
            return
        }
        #expect(response.trackSid == "TR_gone")
        #expect(response.err == .seTrackNotfound)
    }

    @Test(arguments: [
        (RelayError?.none, LiveKit_RequestResponse.Reason.ok), (.notPermitted("metadata"), .notAllowed),
        (.limitReached("metadata"), .limitExceeded),
    ])
    func `a change of oneself is always answered under its number`(
        error: RelayError?, reason: LiveKit_RequestResponse.Reason
    ) async throws {
        let conversation = Conversation()
        if let error { await conversation.relay.refuse(with: error) }
        let update = LiveKit_UpdateParticipantMetadata.with {
            $0.name = "A"
            $0.requestID = 12
        }
        _ = try await conversation.ask(.updateMetadata(update))
        guard case .requestResponse(let response) = try await conversation.said().first else {
            Issue.record("no response")
            return
        }
        #expect(response.requestID == 12)
        #expect(response.reason == reason)
    }

    @Test func `pings are answered, old and new`() async throws {
        let conversation = Conversation()
        _ = try await conversation.ask(.ping(1))
        _ = try await conversation.ask(
            .pingReq(
                .with {
                    $0.timestamp = 99
                    $0.rtt = 5
                }))
        let said = try await conversation.said()
        guard said.count == 2, case .pong = said[0], case .pongResp(let pong) = said[1] else {
            Issue.record("said \(said)")
            return
        }
        #expect(pong.lastPingTimestamp == 99)
    }

    @Test func `candidates and updates without effect are taken in silence`() async throws {
        let conversation = Conversation()
        #expect(try await conversation.ask(.trickle(.with { $0.candidateInit = "not even JSON" })) == nil)
        #expect(try await conversation.ask(.subscription(.init())) == nil)
        #expect(try await conversation.said().isEmpty)
        #expect(await conversation.relay.commands.isEmpty)
    }

    @Test func `a data track is refused so that the SDK shows it`() async throws {
        let conversation = Conversation()
        let request = LiveKit_PublishDataTrackRequest.with { $0.pubHandle = 4 }
        _ = try await conversation.ask(.publishDataTrackRequest(request))
        guard case .requestResponse(let response) = try await conversation.said().first else {
            Issue.record("no response")
            return
        }
        #expect(response.reason == .unsupportedType)
        #expect(response.request == .publishDataTrack(request))
    }

    @Test func `protobuf until the client speaks text, then text`() async throws {
        let conversation = Conversation()
        _ = await conversation.session.greet(at: conversation.start)
        _ = await conversation.session.receive(.text(#"{"ping": "1"}"#), at: conversation.start)
        _ = try await conversation.ask(.ping(2))
        #expect(await conversation.frames().map(\.format) == [.protobuf, .protobuf, .json, .json])
    }

    @Test func `a client that asks for text gets it from the first word`() async {
        let conversation = Conversation(format: .json)
        _ = await conversation.session.greet(at: conversation.start)
        #expect(await conversation.frames().map(\.format) == [.json, .json])
    }

    @Test func `a few mistakes are forgiven, more are not`() async {
        let conversation = Conversation()
        var endings: [SignalEnding?] = []
        for _ in 0..<11 {
            endings.append(await conversation.session.receive(.text("{"), at: conversation.start))
        }
        #expect(endings.dropLast().allSatisfy { $0 == nil })
        #expect(endings.last == .misbehaved)
    }

    @Test func `a flood of requests ends the conversation`() async throws {
        let conversation = Conversation()
        var count = 0
        while try await conversation.ask(.trickle(.init())) == nil { count += 1 }
        #expect(count == 200)
    }

    @Test func `a message beyond the limit ends the conversation`() async {
        let conversation = Conversation()
        let large = WebSocketMessage.binary(ByteBuffer(repeating: 0, count: 65_537))
        #expect(await conversation.session.receive(large, at: conversation.start) == .oversized)
    }

    @Test func `a client that does not read is dropped`() async {
        var settings = SignalSettings()
        settings.limits.queuedMessages = 5
        let conversation = Conversation(settings: settings)
        var endings: [SignalEnding?] = []
        for _ in 0..<6 {
            endings.append(await conversation.session.tell(.trackSubscribed(TrackID("TR_a")), at: conversation.start))
        }
        #expect(endings == [nil, nil, nil, nil, nil, .slowReader])
    }

    @Test func `silence for the ping timeout ends the conversation, a ping in time does not`() async throws {
        let conversation = Conversation()
        let start = conversation.start
        _ = await conversation.session.greet(at: start)
        #expect(await conversation.session.deadline == start + .seconds(15))
        #expect(await conversation.session.check(at: start + .seconds(14)) == nil)
        _ = await conversation.session.receive(try Sample.binary(.ping(1)), at: start + .seconds(14))
        #expect(await conversation.session.check(at: start + .seconds(28)) == nil)
        #expect(await conversation.session.check(at: start + .seconds(29)) == .silent)
    }

    @Test func `a new token comes at half of the old one's life`() async throws {
        var settings = SignalSettings()
        settings.tokenLifetime = .seconds(20)
        let conversation = Conversation(settings: settings)
        let start = conversation.start
        _ = await conversation.session.greet(at: start)
        _ = await conversation.session.check(at: start + .seconds(9))
        _ = await conversation.session.check(at: start + .seconds(10))
        let said = try await conversation.said()
        let tokens = said.filter { if case .refreshToken = $0 { true } else { false } }
        #expect(tokens.count == 2)
    }

    @Test func `a permission that was taken is gone from the next token too`() async throws {
        let conversation = Conversation()
        let viewer = Sample.participant(permission: Permission(canSubscribe: true))
        _ = await conversation.session.tell(.participants([viewer]), at: conversation.start)
        guard case .refreshToken(let token) = try await conversation.said().last else {
            Issue.record("no token")
            return
        }
        #expect(try await conversation.tokens.verify(token).permission == viewer.permission)
    }

    @Test func `others' changes need no new token`() async throws {
        let conversation = Conversation()
        _ = await conversation.session.tell(.participants([Sample.participant("bob")]), at: conversation.start)
        #expect(try await conversation.said().count == 1)
    }

    @Test func `watched qualities are those of the codec that the track has`() async throws {
        let conversation = Conversation()
        var track = Sample.camera
        track.mimeType = "video/H264"
        let event = ParticipantEvent.subscribedQuality(track.id, [.low: true])
        _ = await conversation.session.tell(event, at: conversation.start)
        _ = await conversation.session.tell(
            .participants([Sample.participant(tracks: [track])]), at: conversation.start)
        _ = await conversation.session.tell(event, at: conversation.start)
        let codecs = try await conversation.said().compactMap { message -> String? in
            if case .subscribedQualityUpdate(let update) = message { update.subscribedCodecs.first?.codec } else { nil }
        }
        #expect(codecs == ["vp8", "h264"])
    }

    @Test func `leaving, and simulated leaving, end the conversation`() async throws {
        var settings = SignalSettings()
        settings.simulatesFaults = true
        let conversation = Conversation(settings: settings)
        #expect(try await conversation.ask(.leave(.init())) == .clientLeft)
        #expect(
            try await conversation.ask(.simulate(.with { $0.serverLeave = true }))
                == .simulated(LiveKit_LeaveRequest(.serverShutdown, .disconnect), mayResume: false))
        #expect(
            try await conversation.ask(.simulate(.with { $0.nodeFailure = true }))
                == .simulated(nil, mayResume: false))
        #expect(try await conversation.ask(.simulate(.with { $0.speakerUpdate = 3 })) == nil)
    }

    @Test func `the relay's last word ends the conversation`() async {
        let conversation = Conversation()
        #expect(
            await conversation.session.tell(.left(.roomDeleted), at: conversation.start) == .dismissed(.roomDeleted))
    }
}
