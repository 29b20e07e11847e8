import Foundation
import HTTPTypes

/// A refusal as every route gives it: `{"success": false, "error": {"code", "message", "details"?}}`.
struct APIError: Error, Sendable, Equatable {
    /// Of HTTP.
    var status: HTTPResponse.Status
    /// In snake case, for programs.
    var code: String
    /// A sentence, for people. Never repeats what was sent where that may be a secret.
    var message: String
    /// What was wrong with each field of the body or the query, by its name.
    var details: [String: String] = [:]
    /// Seconds until it is worth trying again.
    var retryAfter: Int?

    init(
        _ status: HTTPResponse.Status, _ code: String, _ message: String, details: [String: String] = [:],
        retryAfter: Int? = nil
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.retryAfter = retryAfter
    }
}

extension APIError: CustomStringConvertible {
    var description: String { message }
}

/// The refusals that more than one route gives, and all that `/openapi.json` names.
extension APIError {
    static let unauthenticated = APIError(.unauthorized, "unauthenticated", "Sign in first.")
    static let crossOrigin = APIError(
        .forbidden, "cross_origin", "A page of another origin cannot do this with your cookie; use a bearer token.")
    static let notAdmin = APIError(.forbidden, "not_admin", "Only an administrator may do this.")
    static let creatorNotApproved = APIError(
        .forbidden, "creator_not_approved", "Your account is not approved for creating streams yet.")
    static let notFound = APIError(.notFound, "not_found", "There is nothing at this address.")
    static let userNotFound = APIError(.notFound, "user_not_found", "There is no user of this name.")
    static let streamNotFound = APIError(.notFound, "stream_not_found", "There is no stream; set one up first.")
    static let hostNotFound = APIError(.notFound, "host_not_found", "There is no such host.")
    static let blocked = APIError(.forbidden, "blocked", "The host does not let you watch.")
    static let cannotDoToYourself = APIError(.badRequest, "self", "You cannot do this to yourself.")
    static let invalidBody = APIError(.badRequest, "invalid_body", "The body is not the JSON object this call takes.")
    static let invalidCursor = APIError(.badRequest, "invalid_cursor", "The cursor is not one that a list gave.")
    static let invalidQuery = APIError(
        .badRequest, "invalid_query", "What the address asks for is not what this call takes.")
    static let bodyTooLarge = APIError(.contentTooLarge, "body_too_large", "The body is larger than this call takes.")
    static let unsupportedMediaType = APIError(
        .unsupportedMediaType, "unsupported_media_type", "The body's type is not one that this call takes.")
    static let internalError = APIError(
        .internalServerError, "internal_error", "Something went wrong on the server; it has been logged.")
    static let unavailable = APIError(
        .serviceUnavailable, "unavailable", "The server cannot do this right now; try again shortly.", retryAfter: 2)

    static func tooMany(retryAfter seconds: Int) -> APIError {
        APIError(
            .tooManyRequests, "too_many_requests", "Too many requests; try again in \(seconds) s.", retryAfter: seconds)
    }
}
