import HTTPTypes
import Relay

/// A failure as Twirp's protocol (v7) tells it: a code, which fixes the HTTP status, and a sentence.
struct TwirpError: Error, Equatable, Sendable {
    enum Code: String, Sendable {
        case malformed
        case invalidArgument = "invalid_argument"
        case unauthenticated
        case permissionDenied = "permission_denied"
        case notFound = "not_found"
        case badRoute = "bad_route"
        case resourceExhausted = "resource_exhausted"
        case unavailable
        case `internal`

        var status: HTTPResponse.Status {
            switch self {
            case .malformed, .invalidArgument: .badRequest
            case .unauthenticated: .unauthorized
            case .permissionDenied: .forbidden
            case .notFound, .badRoute: .notFound
            case .resourceExhausted: .tooManyRequests
            case .unavailable: .serviceUnavailable
            case .internal: .internalServerError
            }
        }
    }

    var code: Code
    var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ error: RelayError) {
        switch error {
        case .roomNotFound: self.init(.notFound, "the room does not exist")
        case .participantNotFound: self.init(.notFound, "the participant is not in the room")
        case .trackNotFound: self.init(.notFound, "the participant has no such track")
        case .roomFull: self.init(.resourceExhausted, "the room is full")
        case .notPermitted(let what): self.init(.permissionDenied, what)
        case .limitReached(let what): self.init(.resourceExhausted, what)
        case .badDescription(let what): self.init(.invalidArgument, what)
        case .shuttingDown: self.init(.unavailable, "the server is stopping")
        }
    }
}
