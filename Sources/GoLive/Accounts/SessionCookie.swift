import HTTPTypes
import Hummingbird

/// The cookie that keeps a browser signed in: no script can read it, and other sites' forms do not send it.
enum SessionCookie {
    /// The header that sets it for as long as the session lasts.
    static func setting(_ token: String, isSecure: Bool) -> HTTPFields {
        header(token, seconds: Int(Session.lifetime / 1000), isSecure: isSecure)
    }

    /// The header that takes it away.
    static func clearing(isSecure: Bool) -> HTTPFields {
        header("", seconds: 0, isSecure: isSecure)
    }

    private static func header(_ value: String, seconds: Int, isSecure: Bool) -> HTTPFields {
        let cookie = Cookie(
            name: SessionToken.cookieName, value: value, maxAge: seconds, path: "/", secure: isSecure, httpOnly: true,
            sameSite: .lax)
        return [.setCookie: cookie.description]
    }
}
