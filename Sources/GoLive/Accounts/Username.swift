import HTTPTypes

/// Which usernames there may be: they are addresses of pages, `/{username}`.
enum Username {
    static let length = 3...32

    /// Names that paths of ours have or may come to have, and names that could pass for the operator.
    static let reserved: Set<String> = [
        "about", "account", "admin", "administrator", "api", "apply", "assets", "auth", "blog", "browse", "channel",
        "chat", "contact", "creator", "dashboard", "dev", "docs", "embed", "events", "explore", "favicon",
        "following", "golive", "healthz", "help", "home", "host", "index", "legal", "live", "login", "logout",
        "metrics", "moderator", "not-found", "openapi", "privacy", "publish", "readyz", "register", "robots", "root",
        "rtc", "search", "settings", "signin", "signup", "sitemap", "static", "stream", "support", "system", "terms",
        "twirp", "user", "users", "version", "viewer", "watch", "well-known", "whep", "whip",
    ]

    /// - Returns: what is wrong, as the end of a sentence that begins with "username"; nil: nothing.
    static func fault(in name: String) -> String? {
        guard length.contains(name.utf8.count), name.utf8.allSatisfy(isAllowed) else {
            return "must have \(length.lowerBound) to \(length.upperBound) of the characters a–z, A–Z, 0–9, _ and -"
        }
        if name.hasPrefix("_") || name.hasPrefix("-") { return "must begin with a letter or a digit" }
        // Identities of guests begin so.
        if name.lowercased().hasPrefix("guest-") { return "must not begin with guest-" }
        if reserved.contains(name.lowercased()) { return "is reserved" }
        return nil
    }

    /// The nearest name that is allowed; `viewer-…` where nothing is left of it.
    ///
    /// - Parameter number: appended from 2 on, for a name that is taken.
    static func made(from text: String, number: Int) -> String {
        let ending = number < 2 ? "" : "-\(number)"
        let spaced = text.unicodeScalars.map { isAllowed(UInt8(truncatingIfNeeded: $0.value)) && $0.isASCII ? $0 : "-" }
        var name = String(String.UnicodeScalarView(spaced))
        name = String(name.drop { $0 == "-" || $0 == "_" }.prefix(length.upperBound - ending.count))
        while name.hasSuffix("-") { name.removeLast() }
        if fault(in: name + ending) == nil { return name + ending }
        return String("viewer-\(name)".prefix(length.upperBound - ending.count)) + ending
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }
}

extension APIError {
    static let usernameTaken = APIError(.conflict, "username_taken", "This username is taken.")

    static func invalidUsername(_ reason: String) -> APIError {
        APIError(.badRequest, "invalid_username", "username \(reason).", details: ["username": reason])
    }
}
