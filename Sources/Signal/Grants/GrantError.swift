/// Why an access token was refused. No case carries any part of the token.
package enum GrantError: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed
    case tooLong
    case unknownKey
    case badSignature
    case expired
    case notYetValid
    case missingIdentity
    case missingRoom

    package var description: String {
        switch self {
        case .malformed: "the access token is not a signed JWT with the expected claims"
        case .tooLong: "the access token is too long"
        case .unknownKey: "the access token names an API key that is not known here"
        case .badSignature: "the access token's signature does not match its API key"
        case .expired: "the access token has expired"
        case .notYetValid: "the access token is not valid yet"
        case .missingIdentity: "the access token allows joining a room but names no identity"
        case .missingRoom: "the access token allows joining but names no room"
        }
    }
}
