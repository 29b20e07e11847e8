import HTTPTypes
import Hummingbird
import Logging

/// One request as a handler sees it: who asks is known, and what was sent has been judged against the route's fields.
struct Call: Sendable {
    var request: Request
    /// Who is signed in. Present whenever the route's access is not `anyone`.
    var user: User?
    /// Where the request came from, for limits; behind a trusted proxy, what it says.
    var clientAddress: String
    /// From the path, percent-decoded.
    var parameters: [String: String]
    /// Fields of the body and the query by name; those not sent are absent.
    var values: [String: JSONValue]
    /// The body of a route that takes bytes.
    var bytes: [UInt8]
    var logger: Logger
    /// Whether it came over TLS, here or at a trusted proxy.
    var isSecure = false

    /// - Throws: `unauthenticated`; not on routes that only signed-in users reach.
    func signedIn() throws(APIError) -> User {
        guard let user else { throw .unauthenticated }
        return user
    }

    func parameter(_ name: String) throws(APIError) -> String {
        guard let value = parameters[name] else { throw .notFound }
        return value
    }

    func text(_ name: String) -> String? {
        guard case .string(let text) = values[name] else { return nil }
        return text
    }

    func bool(_ name: String) -> Bool? {
        guard case .bool(let bool) = values[name] else { return nil }
        return bool
    }

    func integer(_ name: String) -> Int64? {
        guard case .integer(let integer) = values[name] else { return nil }
        return integer
    }

    /// Whether null was sent for a nullable field.
    func clears(_ name: String) -> Bool { values[name] == .null }
}
