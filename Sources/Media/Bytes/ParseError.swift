/// Why some bytes were refused. Parsers throw nothing else and never trap, whatever they are fed.
package enum ParseError: Error, Equatable, Sendable {
    /// The input ended before the structure did.
    case truncated
    /// A field holds what its specification forbids; the text names the field.
    case malformed(StaticString)
    /// Well formed, but of a kind or version that is not spoken here.
    case unsupported(StaticString)
    /// Larger than a stated limit; the text names the limit.
    case tooLarge(StaticString)

    package static func == (a: ParseError, b: ParseError) -> Bool { a.description == b.description }
}

extension ParseError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated: "truncated"
        case .malformed(let field): "malformed \(field)"
        case .unsupported(let kind): "unsupported \(kind)"
        case .tooLarge(let limit): "too large: \(limit)"
        }
    }
}
