import HTTPTypes

/// The places where somebody is signed in, and ending them.
extension Application {
    var sessionRoutes: [Route] { [sessions, endSession] }

    private var sessions: Route {
        Route(
            .get, "/api/auth/sessions", "Where one is signed in, newest first", access: .user,
            answer: .list(SessionData.shape)
        ) { call in
            let userID = try call.signedIn().id
            let current = SessionToken.sent(with: call.request).map {
                Session.id(ofHash: SessionToken.hash($0.text))
            }
            let sessions = try await store.read { try $0.sessions(of: userID, at: WallClock.now()) }
            return .data(sessions.map { SessionData($0, isCurrent: $0.id == current) })
        }
    }

    private var endSession: Route {
        Route(
            .delete, "/api/auth/sessions/{id}", "End a session", access: .user, rate: .changes, answer: .message,
            refusals: [.sessionNotFound]
        ) { call in
            let userID = try call.signedIn().id
            let id = try call.parameter("id")
            let isGone = try await store.write { try $0.deleteSession(id, of: userID) }
            guard isGone else { throw APIError.sessionNotFound }
            return .message("Session ended")
        }
    }
}

extension APIError {
    static let sessionNotFound = APIError(.notFound, "session_not_found", "You have no such session.")
}
