/// One value that a call takes in its body or its query: what it may be, and what is said when it is not. This is the
/// one place where input is judged; `/openapi.json` is written from the same description.
struct Field: Sendable {
    enum Kind: Sendable {
        /// Length in Unicode scalars after white space at both ends is cut off. One line: no control characters;
        /// several lines: line feeds and tabs too.
        case text(ClosedRange<Int>, lines: Lines)
        case choice([String])
        /// An http or https URL, or a path on this server.
        case webAddress
        case bool
        case integer(ClosedRange<Int64>)
        /// Kept exactly as sent, such as a password. Length in UTF-8 bytes.
        case secret(ClosedRange<Int>)
    }

    enum Lines: Sendable { case one, many }

    var name: String
    var kind: Kind
    var isRequired = false
    /// Whether null may be sent, to clear what is kept.
    var isNullable = false
    /// The refusal's code when the value is wrong or missing.
    var code = "invalid_body"
    var about: String

    /// Checks beyond the kind; returns what is wrong, as the end of a sentence that begins with the field's name.
    var check: @Sendable (JSONValue) -> String? = { _ in nil }

    /// The value made canonical (text trimmed), or why it is refused.
    func judge(_ value: JSONValue) -> Judgement {
        let judged: Judgement =
            switch (kind, value) {
            case (.text(let range, let lines), .string(let text)): Self.judge(text, range, lines)
            case (.choice(let names), .string(let text)):
                names.contains(text) ? .accepted(value) : .refused("must be one of \(names.joined(separator: ", "))")
            case (.webAddress, .string(let text)): Self.judge(address: text)
            case (.bool, .bool): .accepted(value)
            case (.integer(let range), .integer(let number)):
                range.contains(number)
                    ? .accepted(value) : .refused("must be from \(range.lowerBound) to \(range.upperBound)")
            case (.secret(let range), .string(let text)):
                range.contains(text.utf8.count)
                    ? .accepted(value)
                    : .refused("must have \(range.lowerBound) to \(range.upperBound) bytes")
            default: .refused("must be \(kind.noun)")
            }
        guard case .accepted(let accepted) = judged, let reason = check(accepted) else { return judged }
        return .refused(reason)
    }

    enum Judgement: Equatable {
        case accepted(JSONValue)
        /// The end of a sentence that begins with the field's name.
        case refused(String)
    }

    private static func judge(_ text: String, _ range: ClosedRange<Int>, _ lines: Lines) -> Judgement {
        let trimmed = text.trimmingWhiteSpace()
        for scalar in trimmed.unicodeScalars where scalar.properties.generalCategory == .control {
            guard lines == .many, scalar == "\n" || scalar == "\r" || scalar == "\t" else {
                return .refused("must not hold control characters")
            }
        }
        guard range.contains(trimmed.unicodeScalars.count) else {
            return .refused(
                range.lowerBound == 0
                    ? "must have at most \(range.upperBound) characters"
                    : "must have \(range.lowerBound) to \(range.upperBound) characters")
        }
        return .accepted(.string(trimmed))
    }

    private static func judge(address text: String) -> Judgement {
        let isPath = text.hasPrefix("/") && !text.hasPrefix("//")
        let isWeb = text.hasPrefix("https://") || text.hasPrefix("http://")
        let isClean = text.unicodeScalars.allSatisfy {
            $0.value > 0x20 && $0.value < 0x7F && !"\"<>\\^`{|}".unicodeScalars.contains($0)
        }
        guard isPath || isWeb, isClean, text.utf8.count <= 2048 else {
            return .refused("must be an http or https address of at most 2048 characters")
        }
        return .accepted(.string(text))
    }
}

extension Field.Kind {
    var noun: String {
        switch self {
        case .text, .choice, .webAddress, .secret: "a string"
        case .bool: "true or false"
        case .integer: "a whole number"
        }
    }
}

extension String {
    func trimmingWhiteSpace() -> String {
        let isSpace: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace }
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !isSpace($0) }),
            let last = scalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(scalars[first...last])
    }
}
