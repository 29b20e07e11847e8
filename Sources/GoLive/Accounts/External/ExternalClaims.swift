import JWTKit

/// Somebody whom the outside identity provider vouches for.
struct ExternalPerson: Sendable, Equatable {
    /// UTF-8 bytes of a subject.
    static let subjectLimit = 255

    var issuer: String
    var subject: String
    /// What they may be called, best first; may hold anything.
    var names: [String]
    var displayName: String?

    var externalID: String { issuer + "|" + subject }
}

/// What a token says (RFC 7519 §4.1, OpenID Connect Core §5.1). Times are Unix seconds.
struct ExternalClaims: JWTPayload {
    var iss: String
    var sub: String?
    var aud: AudienceClaim?
    var exp: Double?
    var nbf: Double?
    var name: String?
    var nickname: String?
    var email: String?
    var preferredUsername: String?

    enum CodingKeys: String, CodingKey {
        case iss, sub, aud, exp, nbf, name, nickname, email
        case preferredUsername = "preferred_username"
    }

    /// The signature is good; what is claimed is judged by `person`, which is given the time.
    func verify(using algorithm: some JWTAlgorithm) {}

    /// - Parameters:
    ///   - now: Unix seconds.
    ///   - leeway: seconds by which clocks may differ.
    /// - Returns: nil when the token is another provider's or for another audience, out of its time, or nobody's.
    func person(
        for provider: ApplicationSettings.IdentityProvider, at now: Double, leeway: Double
    ) -> ExternalPerson? {
        guard
            iss == provider.issuer, let exp, now - leeway < exp, (nbf ?? now) <= now + leeway,
            let subject = sub, (1...ExternalPerson.subjectLimit).contains(subject.utf8.count),
            !subject.utf8.contains(0)
        else { return nil }
        if let audience = provider.audience, aud?.value.contains(audience) != true { return nil }
        let address = email?.split(separator: "@").first.map(String.init)
        return ExternalPerson(
            issuer: iss, subject: subject, names: [preferredUsername, nickname, address].compactMap { $0 },
            displayName: name)
    }
}
