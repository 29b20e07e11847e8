import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOHTTP1

/// Who may open a signalling connection: a token from the request, verified, that allows joining a room and has not been
/// revoked.
struct Admission: Sendable {
    struct Refusal: Error, Sendable, Equatable {
        var status: HTTPResponse.Status
        var reason: String
    }

    let tokens: AccessTokens
    let revocations: Revocations

    /// - Parameters:
    ///   - authorization: the header's value.
    ///   - query: what follows the `?`, with `access_token` when the client cannot set headers.
    func admit(authorization: String?, query: String?) async throws(Refusal) -> Grant {
        let grant = try await verified(authorization: authorization, query: query)
        guard grant.roomJoin else {
            throw Refusal(status: .forbidden, reason: "the access token does not allow joining a room")
        }
        guard await revocations.admits(grant) else {
            throw Refusal(
                status: .forbidden, reason: "this participant was removed from the room; a newer access token is needed"
            )
        }
        return grant
    }

    func verified(authorization: String?, query: String? = nil) async throws(Refusal) -> Grant {
        guard let token = Self.token(authorization: authorization, query: query) else {
            throw Refusal(status: .unauthorized, reason: "an access token is required")
        }
        do {
            return try await tokens.verify(token)
        } catch {
            throw Refusal(status: .unauthorized, reason: error.description)
        }
    }

    private static func token(authorization: String?, query: String?) -> String? {
        if let authorization {
            let words = authorization.split(separator: " ", omittingEmptySubsequences: true)
            guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
            return String(words[1])
        }
        guard let query else { return nil }
        return URI("/?" + query).queryParameters["access_token"].map(String.init)
    }
}

extension Admission {
    func admit(_ request: Request) async throws(Refusal) -> Grant {
        try await admit(authorization: request.headers[.authorization], query: request.uri.query)
    }

    func admit(_ head: HTTPRequestHead) async throws(Refusal) -> Grant {
        try await admit(authorization: head.headers.first(name: "authorization"), query: URI(head.uri).query)
    }
}
