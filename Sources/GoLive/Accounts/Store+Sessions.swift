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
