import Foundation
import LiveKitProtocol
import Logging
import Relay
import SwiftProtobuf

/// A participant's side of the signalling conversation: reads requests, asks the relay, says what came of it, and passes
/// on the relay's events. It owns no connection: messages come in by `receive`, go out by the outbox, and a returned
/// `SignalEnding` says that the conversation is over.
///
/// Order, as LiveKit 1.13 keeps it: `join` (or `reconnect`), `refresh_token`, then whatever happens.
actor SignalSession {
    typealias Perform = @Sendable (RelayCommand) async throws(RelayError) -> String?

    private let perform: Perform
    private let tokens: AccessTokens
    private let settings: SignalSettings
    private let counters: SignalCounters
    private let outbox: OutgoingQueue
    private let logger: Logger

    private let participant: ParticipantID
    /// Until it is said: it tells of everyone in the room.
    private var greeting: SignalGreeting?
    /// Follows what the relay changes, so that a refreshed token never allows more than the participant may now.
    private var grant: Grant
    private var ownTracks: [TrackID: TrackState] = [:]
    private var format: SignalFormat
    private var requests: RequestBudget
    private var mistakes: RequestBudget
    private var lastHeard: ContinuousClock.Instant
    private var nextToken: ContinuousClock.Instant

    init(
        greeting: SignalGreeting, grant: Grant, tokens: AccessTokens, format: SignalFormat, settings: SignalSettings,
        counters: SignalCounters, outbox: OutgoingQueue, logger: Logger, at now: ContinuousClock.Instant,
        perform: @escaping Perform
    ) {
        participant = greeting.participant.id
        self.greeting = greeting
        self.grant = grant
        self.tokens = tokens
        self.format = format
        self.settings = settings
        self.counters = counters
        self.outbox = outbox
        self.logger = logger
        self.perform = perform
        let limits = settings.limits
        requests = RequestBudget(burst: limits.requestBurst, rate: limits.requestsPerSecond, at: now)
        mistakes = RequestBudget(burst: limits.mistakeBurst, rate: limits.mistakesPerSecond, at: now)
        lastHeard = now
        nextToken = now
    }

    // MARK: To the client

    /// The first words: who is here, or that the session goes on; and a token to come back with.
    func greet(at now: ContinuousClock.Instant) async -> SignalEnding? {
        guard let greeting = greeting.take() else { return nil }
        if let message = greeting.message(settings, at: AccessTokens.now()) {
            if let ending = send(message) { return ending }
            adopt(greeting.participant)
            if let ending = await refreshToken(at: now) { return ending }
        }
        return greeting.isCut ? .simulated(nil, mayResume: true) : nil
    }

    /// The last words.
    func part(_ leave: LiveKit_LeaveRequest) {
        _ = send(.leave(leave))
    }

    /// Passes on an event.
    func tell(_ event: ParticipantEvent, at now: ContinuousClock.Instant) async -> SignalEnding? {
        if case .left(let reason) = event { return .dismissed(reason) }
        if case .superseded = event { return .superseded }
        let response = LiveKit_SignalResponse(event, codec: codec)
        if let message = response.message, let ending = send(message) { return ending }
        guard case .participants(let participants) = event,
            let own = participants.last(where: { $0.id == participant })
        else { return nil }
        let before = grant
        adopt(own)
        return grant == before ? nil : await refreshToken(at: now)
    }

    /// What the relay says of the participant holds, whatever the token said when they came.
    private func adopt(_ own: ParticipantState) {
        ownTracks = Dictionary(own.tracks.map { ($0.id, $0) }) { $1 }
        grant.adopt(own)
    }

    /// Before a track's media was negotiated it is taken to be what clients are asked to publish.
    private func codec(of track: TrackID) -> String {
        if let name = ownTracks[track]?.codecName, !name.isEmpty { return name }
        return settings.publishCodecs.first { $0.hasPrefix("video/") }?.dropFirst("video/".count).lowercased() ?? ""
    }

    private func send(_ message: LiveKit_SignalResponse.OneOf_Message) -> SignalEnding? {
        do {
            let response = LiveKit_SignalResponse.with { $0.message = message }
            return outbox.put(try format.encode(response)) ? nil : .slowReader
        } catch {
            logger.error("a signalling message could not be encoded", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func refreshToken(at now: ContinuousClock.Instant) async -> SignalEnding? {
        nextToken = now + settings.tokenLifetime / 2
        do {
            // A token that took the place of others bears the second after they were revoked, which may be to come.
            let time = max(AccessTokens.now(), grant.issuedAt ?? 0)
            let token = try await tokens.issue(grant, ttl: settings.tokenLifetime, at: time)
            // Metadata can outgrow what a token may hold; the client then keeps the one it has.
            guard token.utf8.count <= AccessTokens.longest else { return nil }
            return send(.refreshToken(token))
        } catch {
            logger.error("a token could not be issued", metadata: ["error": "\(error)"])
            return nil
        }
    }

    // MARK: Time

    /// When `check` is to be called next.
    var deadline: ContinuousClock.Instant { min(lastHeard + settings.pingTimeout, nextToken) }

    /// Ends a conversation that only we hold, and sends the token that is due.
    func check(at now: ContinuousClock.Instant) async -> SignalEnding? {
        if now >= lastHeard + settings.pingTimeout { return .silent }
        return now >= nextToken ? await refreshToken(at: now) : nil
    }

    // MARK: From the client

    func receive(_ message: WebSocketMessage, at now: ContinuousClock.Instant) async -> SignalEnding? {
        lastHeard = now
        if message.format == .json { format = .json }
        guard message.size <= settings.limits.message else { return .oversized }
        guard requests.spend(at: now) else { return .misbehaved }
        guard let request = LiveKit_SignalRequest(message) else { return mistake(at: now) }
        let step = SignalStep(
            request, now: Int64(Date().timeIntervalSince1970 * 1000), simulatesFaults: settings.simulatesFaults)
        switch step {
        case .nothing: return nil
        case .reply(let reply): return send(reply)
        case .relay(let command, let id, let request): return await ask(command, id: id, request: request)
        case .end(let ending): return ending
        case .unknown: return mistake(at: now)
        }
    }

    private func ask(
        _ command: RelayCommand, id: UInt32, request: LiveKit_RequestResponse.OneOf_Request?
    ) async -> SignalEnding? {
        do throws(RelayError) {
            let answer = try await perform(command)
            switch command {
            case .publisherOffer(_, let id):
                return send(.answer(LiveKit_SessionDescription(type: "answer", sdp: answer ?? "", id: id)))
            case .updateOwn:
                return send(.requestResponse(LiveKit_RequestResponse(nil, id: id, to: request)))
            default:
                return nil
            }
        } catch {
            logger.debug("request refused", metadata: ["reason": "\(error.explanation)"])
            return send(refusal(error, of: command, id: id, request: request))
        }
    }

    /// SDKs report a subscription that cannot be had only when it has an answer of its own.
    private func refusal(
        _ error: RelayError, of command: RelayCommand, id: UInt32, request: LiveKit_RequestResponse.OneOf_Request?
    ) -> LiveKit_SignalResponse.OneOf_Message {
        guard case .setSubscribed(let tracks, true) = command, tracks.count == 1, error == .trackNotFound else {
            return .requestResponse(LiveKit_RequestResponse(error, id: id, to: request))
        }
        return .subscriptionResponse(
            .with {
                $0.trackSid = tracks[0].rawValue
                $0.err = .seTrackNotfound
            })
    }

    /// A few are tolerated: a client of a later protocol asks for things not known here.
    private func mistake(at now: ContinuousClock.Instant) -> SignalEnding? {
        counters.add(.malformedRequests)
        return mistakes.spend(at: now) ? nil : .misbehaved
    }
}

extension Grant {
    /// Becomes what the relay knows of its bearer now.
    fileprivate mutating func adopt(_ participant: ParticipantState) {
        let permission = participant.permission
        guard
            name != participant.name || metadata != participant.metadata || attributes != participant.attributes
                || self.permission != permission
        else { return }
        name = participant.name
        metadata = participant.metadata
        attributes = participant.attributes
        hidden = permission.hidden
        canPublish = permission.canPublish
        canSubscribe = permission.canSubscribe
        canPublishData = permission.canPublishData
        canUpdateOwnMetadata = permission.canUpdateOwnMetadata
        canPublishSources =
            permission.publishSources.isEmpty ? nil : permission.publishSources.map(\.grantName).sorted()
    }
}
