import HTTPTypes
import Hummingbird

/// What a request signs in with: a bearer token or the cookie.
struct SessionToken: Sendable, Equatable {
    static let cookieName = "golive_session"

    var text: String
    var isCookie: Bool

    /// - Returns: nil when the request holds neither. The header goes before the cookie.
    static func sent(with request: Request) -> SessionToken? {
        if let header = request.headers[.authorization] {
            let words = header.split(separator: " ", omittingEmptySubsequences: true)
            guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
            return SessionToken(text: String(words[1]), isCookie: false)
        }
        guard let cookie = request.cookies[cookieName]?.value, !cookie.isEmpty else { return nil }
        return SessionToken(text: cookie, isCookie: true)
    }
}
