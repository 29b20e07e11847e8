package import Logging
import LiveKitProtocol
import NIOWebSocket
package import Relay

/// Serves one `/rtc` WebSocket until it ends, by whichever side.
///
/// Four tasks: one reads requests, one passes on the relay's events, one writes what waits, one watches the time. The
/// first that ends the conversation ends them all; the relay is told at once, the client's last words are written, and
/// the WebSocket is closed. A client that resumes what is no longer there is told to join anew.
package final class SignalConnection: Sendable {
    private let relay: Relay
    private let tokens: AccessTokens
    private let grant: Grant
    private let query: SignalQuery
    private let settings: SignalSettings
    private let counters: SignalCounters
    private let sequences: DataSequences
    private let logger: Logger

    /// - Parameter grant: read from a verified token that allows joining a room.
    package init(
        relay: Relay, tokens: AccessTokens, grant: Grant, query: SignalQuery, settings: SignalSettings,
        counters: SignalCounters = SignalCounters(), sequences: DataSequences = DataSequences(), logger: Logger
    ) {
        self.relay = relay
        self.tokens = tokens
        self.grant = grant
        self.query = query
        self.settings = settings
        self.counters = counters
        self.sequences = sequences
        self.logger = logger
    }

    package func run(inbound: WebSocketInbound, outbound: WebSocketOutbound) async {
        let wire = SignalWire(
            send: { try await outbound.send($0) },
            close: { try await outbound.close($0) })
        guard let conversation = await beginApart(wire) else { return }
        let (relay, participant, link) = (relay, conversation.participant, conversation.link)
        let window = settings.resumeWindow
        let ending = await wire.serve(
            conversation.session, conversation.outbox, inbound: inbound, events: conversation.events,
            readingPause: settings.limits.readingPause, farewell: settings.farewell
        ) { reason, mayResume in
            await relay.signalEnded(participant, link: link, reason: reason, window: mayResume ? window : nil)
        }
        conclude(participant, ending)
    }

    private struct Conversation {
        let session: SignalSession
        let outbox: OutgoingQueue
        let events: AsyncStream<ParticipantEvent>
        let participant: ParticipantID
        let link: Int
    }

    /// In a task of its own: a task keeps the most memory that its calls ever needed, and that of a connection lives long.
    private func beginApart(_ wire: SignalWire) async -> Conversation? {
        async let conversation = begin(wire)
        return await conversation
    }

    /// Lets the client in; nil when it was told why not.
    private func begin(_ wire: SignalWire) async -> Conversation? {
        guard grant.roomJoin, let room = grant.room else {
            await wire.refuse(.joinFailure, in: format)
            return nil
        }
        let greeting: SignalGreeting
        do throws(RelayError) {
            greeting = try await query.reconnect ? resume(in: room) : join(room)
        } catch {
            logger.info("join refused", metadata: ["reason": "\(error.explanation)"])
            await wire.refuse(Self.reason(error, isResume: query.reconnect), in: format)
            return nil
        }
        let participant = greeting.participant.id
        let relay = relay
        let outbox = OutgoingQueue(
            messageLimit: settings.limits.queuedMessages, byteLimit: settings.limits.queuedBytes)
        let session = SignalSession(
            greeting: greeting, grant: grant, tokens: tokens, format: format, settings: settings, counters: counters,
            outbox: outbox, logger: logger, at: .now
        ) { command async throws(RelayError) in try await relay.perform(command, for: participant) }
        return Conversation(
            session: session, outbox: outbox, events: greeting.events, participant: participant, link: greeting.link)
    }

    private func conclude(_ participant: ParticipantID, _ ending: SignalEnding) {
        count(ending)
        logger.debug(
            "signalling ended",
            metadata: [
                "participant": "\(participant)", "ending": "\(ending)",
                "sdk": "\(query.sdk) \(query.version) (protocol \(query.protocolVersion))",
            ])
    }

    private func join(_ room: String) async throws(RelayError) -> SignalGreeting {
        .join(
            try await relay.join(
                JoinRequest(
                    room: room, identity: grant.identity, name: grant.name, metadata: grant.metadata,
                    attributes: grant.attributes, permission: grant.permission, autoSubscribe: query.autoSubscribe,
                    streamsByTrack: query.losesTrackNames)))
    }

    private func resume(in room: String) async throws(RelayError) -> SignalGreeting {
        let participant = ParticipantID(query.participant)
        let resumed = try await relay.resume(participant, identity: grant.identity, room: room)
        return .resume(resumed, lastSequence: sequences.last(of: participant))
    }

    /// `stateMismatch` makes SDKs join anew by themselves.
    private static func reason(_ error: RelayError, isResume: Bool) -> LeaveReason {
        if error == .shuttingDown { return .serverShutdown }
        return isResume ? .stateMismatch : .joinFailure
    }

    private var format: SignalFormat { query.text ? .json : .protobuf }

    private func count(_ ending: SignalEnding) {
        switch ending {
        case .misbehaved, .oversized: counters.add(.misbehavedClients)
        case .slowReader: counters.add(.slowReaders)
        case .silent: counters.add(.silentClients)
        case .clientLeft, .closed, .dismissed, .superseded, .simulated: break
        }
    }
}
