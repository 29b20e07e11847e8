import LiveKitProtocol
import Relay

extension LiveKit_RequestResponse {
    /// How a request went: `nil` is well.
    ///
    /// - Parameters:
    ///   - id: the request's own number, 0 where it has none.
    ///   - request: the request itself, where the protocol has a place for it; SDKs tell by it what was refused.
    init(_ error: RelayError?, id: UInt32 = 0, to request: OneOf_Request? = nil) {
        self.init(error.map(Reason.init) ?? .ok, error?.explanation ?? "", id: id, to: request)
    }

    init(_ reason: Reason, _ message: String, id: UInt32 = 0, to request: OneOf_Request? = nil) {
        self.init()
        requestID = id
        self.reason = reason
        self.message = message
        self.request = request
    }
}

extension LiveKit_RequestResponse.Reason {
    init(_ error: RelayError) {
        self =
            switch error {
            case .roomNotFound, .participantNotFound, .trackNotFound: .notFound
            case .notPermitted: .notAllowed
            case .roomFull, .limitReached: .limitExceeded
            case .badDescription: .invalidRequest
            case .shuttingDown: .unclassifiedError
            }
    }
}

extension RelayError {
    /// One line for the person who reads the client's log.
    package var explanation: String {
        switch self {
        case .roomNotFound: "there is no such room"
        case .participantNotFound: "there is no such participant"
        case .trackNotFound: "there is no such track"
        case .roomFull: "the room is full"
        case .notPermitted(let what): "not permitted: \(what)"
        case .limitReached(let what): "limit reached: \(what)"
        case .badDescription(let why): "session description refused: \(why)"
        case .shuttingDown: "the server is shutting down"
        }
    }
}
