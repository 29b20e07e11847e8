import LiveKitProtocol
import Relay

/// How a signalling conversation begins.
enum SignalGreeting: Sendable {
    case join(Joined)
    /// - lastSequence: of the client's reliable data messages.
    case resume(Resumed, lastSequence: UInt32)

    var participant: ParticipantState {
        switch self {
        case .join(let joined): joined.participant
        case .resume(let resumed, _): resumed.participant
        }
    }

    var link: Int {
        switch self {
        case .join(let joined): joined.link
        case .resume(let resumed, _): resumed.link
        }
    }

    var events: AsyncStream<ParticipantEvent> {
        switch self {
        case .join(let joined): joined.events
        case .resume(let resumed, _): resumed.events
        }
    }

    /// The first message; nil when the client asked to be cut off before it.
    ///
    /// - Parameter now: seconds since 1970.
    func message(_ settings: SignalSettings, at now: Int64) -> LiveKit_SignalResponse.OneOf_Message? {
        switch self {
        case .join(let joined): .join(LiveKit_JoinResponse(joined, settings, at: now))
        case .resume(let resumed, _) where resumed.isCutBeforeGreeting: nil
        case .resume(let resumed, let lastSequence):
            .reconnect(LiveKit_ReconnectResponse(resumed, settings, lastSequence: lastSequence, at: now))
        }
    }

    /// Whether it is all that the client asked to hear.
    var isCut: Bool {
        guard case .resume(let resumed, _) = self else { return false }
        return resumed.isCutAfterGreeting || resumed.isCutBeforeGreeting
    }
}
