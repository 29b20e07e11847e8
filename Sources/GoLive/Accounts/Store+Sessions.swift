import Crypto
import Foundation

/// Sessions: who holds a token is signed in. The database keeps only its SHA-256, so that a stolen copy opens nothing.
extension SQLConnection {
    func insertSession(tokenHash: String, userID: String, createdAt: Int64, expiresAt: Int64) throws {
        try run(
            "INSERT INTO sessions (token_hash, user_id, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)",
            [.text(tokenHash), .text(userID), .int(createdAt), .int(expiresAt)])
    }

    func user(ofSession tokenHash: String, at now: Int64) throws -> User? {
        try run(
            """
            SELECT \(User.columns) FROM sessions s JOIN users u ON u.id = s.user_id
            WHERE s.token_hash = ?1 AND s.expires_at > ?2
            """, [.text(tokenHash), .int(now)]
        ).first.map(User.init)
    }

    /// A session of a user who has at most `limit`: the oldest go.
    func insertSession(tokenHash: String, userID: String, createdAt: Int64, expiresAt: Int64, limit: Int) throws {
        try lockUser(userID)
        try run(
            """
            DELETE FROM sessions WHERE user_id = ?1 AND token_hash NOT IN (
                SELECT token_hash FROM sessions WHERE user_id = ?1 ORDER BY created_at DESC, token_hash LIMIT ?2)
            """, [.text(userID), SQLValue(limit - 1)])
        try insertSession(tokenHash: tokenHash, userID: userID, createdAt: createdAt, expiresAt: expiresAt)
    }

    /// Newest first.
    func sessions(of userID: String, at now: Int64) throws -> [Session] {
        try run(
            """
            SELECT token_hash, created_at, expires_at FROM sessions WHERE user_id = ?1 AND expires_at > ?2
            ORDER BY created_at DESC, token_hash
            """, [.text(userID), .int(now)]
        ).map(Session.init)
    }

    func deleteSession(tokenHash: String) throws {
        try run("DELETE FROM sessions WHERE token_hash = ?1", [.text(tokenHash)])
    }

    /// - Returns: false when the user has no such session.
    func deleteSession(_ id: String, of userID: String) throws -> Bool {
        try !run(
            "DELETE FROM sessions WHERE user_id = ?1 AND substr(token_hash, 1, \(Session.idLength)) = ?2 RETURNING user_id",
            [.text(userID), .text(id)]
        ).isEmpty
    }

    /// - Returns: how many there were.
    func deleteExpiredSessions(at now: Int64) throws -> Int {
        try run("DELETE FROM sessions WHERE expires_at <= ?1 RETURNING user_id", [.int(now)]).count
    }
}

/// One sign-in, as its owner sees it.
struct Session: Sendable, Equatable {
    /// Hexadecimal digits of an id.
    static let idLength = 24
    /// Milliseconds: thirty days.
    static let lifetime: Int64 = 30 * 86_400_000
    /// Of one user, at once.
    static let limit = 50

    /// The beginning of the token's hash: tells sessions apart and opens none.
    var id: String
    /// Milliseconds since 1970, as is `expiresAt`.
    var createdAt: Int64
    var expiresAt: Int64

    init(_ row: SQLRow) throws {
        id = Self.id(ofHash: try row.text("token_hash"))
        createdAt = try row.int("created_at")
        expiresAt = try row.int("expires_at")
    }

    static func id(ofHash hash: String) -> String { String(hash.prefix(idLength)) }
}

extension SessionToken {
    /// 256 random bits in base64url.
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    /// What the database knows a token by: its SHA-256 in hexadecimal.
    static func hash(_ token: String) -> String {
        SHA256.hash(data: Array(token.utf8)).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }
}
