import HTTPTypes

/// Which passwords are taken: long enough, not the name, and not what everybody tries first (NIST SP 800-63B §3.1.1.2).
enum PasswordRule {
    /// UTF-8 bytes.
    static let length = 8...128

    static let common: Set<String> = [
        "00000000", "11111111", "12341234", "12345678", "123456789", "1234567890", "1q2w3e4r", "abc12345", "abcd1234",
        "asdfghjk", "baseball", "changeme", "computer", "football", "iloveyou", "letmein1", "passw0rd", "password",
        "password1", "password123", "princess", "qwerty12", "qwerty123", "qwertyui", "qwertyuiop", "starwars",
        "sunshine", "superman", "trustno1", "welcome1",
    ]

    /// - Returns: what is wrong, as the end of a sentence that begins with "password"; nil: nothing.
    static func weakness(of password: String, username: String) -> String? {
        guard length.contains(password.utf8.count) else {
            return "must have \(length.lowerBound) to \(length.upperBound) bytes"
        }
        let folded = password.lowercased()
        if folded == username.lowercased() { return "must not be the username" }
        if common.contains(folded) { return "is one that everybody tries first" }
        return nil
    }
}

extension APIError {
    static func weakPassword(_ reason: String, field: String = "password") -> APIError {
        APIError(.badRequest, "weak_password", "\(field) \(reason).", details: [field: reason])
    }
}
