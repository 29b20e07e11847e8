import LiveKitProtocol
import SwiftProtobuf
import Testing

@testable import Relay
@testable import Signal

@Suite struct SignalResumeTests {
    private func resumed(afterGreeting: Bool = false, beforeGreeting: Bool = false) -> Resumed {
        let (events, _) = AsyncStream<ParticipantEvent>.makeStream()
        return Resumed(
            participant: Sample.participant(permission: Permission(canSubscribe: true)), link: 2, events: events,
            isCutAfterGreeting: afterGreeting, isCutBeforeGreeting: beforeGreeting)
    }

    private func conversation(_ resumed: Resumed? = nil, simulatesFaults: Bool = true) -> Conversation {
        var settings = SignalSettings()
        settings.simulatesFaults = simulatesFaults
        settings.turn = TURNServers(
            urls: ["turn:example.org"], access: .password(username: "u", credential: "c"))
        return Conversation(settings: settings, resumed: resumed)
    }

    @Test func `a client that resumes is greeted with what it needs to go on, and a token of what it may now`()
        async throws
    {
        let conversation = conversation(resumed())
        #expect(await conversation.session.greet(at: conversation.start) == nil)
        let said = try await conversation.said()
        guard said.count == 2, case .reconnect(let reconnect) = said[0], case .refreshToken(let token) = said[1] else {
            Issue.record("said \(said)")
            return
        }
        #expect(reconnect.iceServers.map(\.urls) == [["turn:example.org"]])
        #expect(reconnect.lastMessageSeq == 7)
        #expect(reconnect.serverInfo.protocol == 17)
        #expect(reconnect.hasClientConfiguration)
        let grant = try await conversation.tokens.verify(token)
        #expect(grant.canPublish == false && grant.canSubscribe == true)
    }

    @Test func `who asked to be cut off on resuming is, before or after the greeting, and may try again`() async throws
    {
        let before = conversation(resumed(beforeGreeting: true))
        #expect(await before.session.greet(at: before.start) == .simulated(nil, mayResume: true))
        #expect(try await before.said().isEmpty)
        let after = conversation(resumed(afterGreeting: true))
        #expect(await after.session.greet(at: after.start) == .simulated(nil, mayResume: true))
        #expect(try await after.said().count == 2)
    }

    @Test func `what a client believes to have is handed to the relay`() async throws {
        let conversation = conversation(resumed())
        let state = LiveKit_SyncState.with {
            $0.subscription.trackSids = ["TR_1", "TR_1"]
            $0.subscription.subscribe = true
            $0.trackSidsDisabled = ["TR_2"]
            $0.publishTracks = [.with { $0.track.sid = "TR_3" }]
        }
        #expect(try await conversation.ask(.syncState(state)) == nil)
        let commands = await conversation.relay.commands
        guard case .sync(let believed) = commands.first else {
            Issue.record("asked \(commands)")
            return
        }
        #expect(
            believed
                == ClientState(
                    exceptions: [TrackID("TR_1")], areExceptionsWanted: true, disabled: [TrackID("TR_2")],
                    published: [TrackID("TR_3")]))
    }

    @Test func `faults are simulated only where the server says so`() async throws {
        let conversation = conversation(simulatesFaults: false)
        #expect(try await conversation.ask(.simulate(.with { $0.nodeFailure = true })) == nil)
        #expect(try await conversation.ask(.simulate(.with { $0.speakerUpdate = 3 })) == nil)
        #expect(await conversation.relay.commands.isEmpty)
        let answers = try await conversation.said()
        #expect(answers.count == 2)
        for case .requestResponse(let response) in answers { #expect(response.reason == .notAllowed) }
    }

    @Test func `each of LiveKit's scenarios comes to what it is called`() async throws {
        let conversation = conversation()
        #expect(
            try await conversation.ask(.simulate(.with { $0.migration = true })) == .simulated(nil, mayResume: true))
        #expect(
            try await conversation.ask(.simulate(.with { $0.leaveRequestFullReconnect = true }))
                == .simulated(LiveKit_LeaveRequest(.serverShutdown, .reconnect), mayResume: false))
        for scenario: LiveKit_SimulateScenario.OneOf_Scenario in [
            .speakerUpdate(3), .disconnectSignalOnResume(true), .disconnectSignalOnResumeNoMessages(true),
            .switchCandidateProtocol(.udp), .switchCandidateProtocol(.tcp), .switchCandidateProtocol(.tls),
            .switchCandidateProtocol(.UNRECOGNIZED(7)), .subscriberBandwidth(1000), .subscriberBandwidth(.max),
            .subscriberBandwidth(0), .subscriberBandwidth(.min),
        ] {
            #expect(try await conversation.ask(.simulate(.with { $0.scenario = scenario })) == nil)
        }
        let simulated = await conversation.relay.commands.compactMap { command -> Simulation? in
            if case .simulate(let simulation) = command { simulation } else { nil }
        }
        #expect(
            simulated == [
                .speaking(.seconds(3)), .signalLossOnResume(beforeMessages: false),
                .signalLossOnResume(beforeMessages: true), .candidates(.any), .candidates(.tcp), .candidates(.relay),
                .candidates(.any), .bandwidth(1000), .bandwidth(.max), .bandwidth(nil), .bandwidth(nil),
            ])
    }

    @Test(arguments: [ICEPreference.any, .tcp, .relay], [["turn:example.org"], ["stun:example.org"], []])
    func `who asked for TLS is told to use nothing but a relay, if there is one`(
        preference: ICEPreference, urls: [String]
    ) async throws {
        var settings = SignalSettings()
        settings.turn = TURNServers(urls: urls, access: .password(username: "u", credential: "c"))
        var resumed = resumed()
        resumed.icePreference = preference
        for resumed in [resumed, nil] {
            let conversation = Conversation(settings: settings, preference: preference, resumed: resumed)
            #expect(await conversation.session.greet(at: conversation.start) == nil)
            let configuration: LiveKit_ClientConfiguration? =
                switch try await conversation.said().first {
                case .join(let join): join.clientConfiguration
                case .reconnect(let reconnect): reconnect.clientConfiguration
                default: nil
                }
            let isTold = preference == .relay && urls == ["turn:example.org"]
            #expect(configuration?.forceRelay == (isTold ? .enabled : .unset))
        }
    }

    @Test func `a resume says who the participant was`() {
        let url = ["reconnect": "1", "sid": "PA_abc"]
        let query = SignalQuery { url[$0] }
        #expect(query.reconnect && query.participant == "PA_abc")
    }
}
