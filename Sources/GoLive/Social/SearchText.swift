import Foundation

/// Text as search sees it: words without case and accents. Documents and queries go through the same folding, so that both
/// databases find the same, and nothing that somebody typed is ever read as query syntax.
enum SearchText {
    /// Unicode scalars of a word that count.
    static let wordLength = 64
    /// Words of a query that count; more would only find less.
    static let queryWords = 32

    /// Letters and digits that follow each other are a word; so is each emoji, and each sign of scripts that write no
    /// spaces. No word holds anything else.
    static func words(_ text: String) -> [String] {
        // Upper case first: it brings together what lower case keeps apart, such as ß and ss, or ς and σ.
        let folded = text.uppercased().lowercased().decomposedStringWithCompatibilityMapping
        var words: [String] = []
        var word = String.UnicodeScalarView()
        func end() {
            if !word.isEmpty { words.append(String(word)) }
            word.removeAll()
        }
        for scalar in folded.unicodeScalars {
            switch Kind(scalar) {
            case .partOfWord: if word.count < wordLength { word.append(scalar) }
            case .wholeWord:
                end()
                words.append(String(scalar))
            case .mark: break
            case .between: end()
            }
        }
        end()
        return words
    }

    /// What is kept of a user and their stream: each word once, with a space between.
    static func document(_ texts: [String]) -> String {
        var known: Set<String> = []
        return texts.flatMap(words).filter { known.insert($0).inserted }.joined(separator: " ")
    }

    private enum Kind {
        case partOfWord, wholeWord, mark, between

        init(_ scalar: Unicode.Scalar) {
            switch scalar.properties.generalCategory {
            case _ where scalar.properties.isIdeographic || Self.kana.contains(scalar.value): self = .wholeWord
            case .otherSymbol: self = .wholeWord
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
                .letterNumber, .otherNumber:
                self = .partOfWord
            case .nonspacingMark, .spacingMark, .enclosingMark, .format: self = .mark
            default: self = .between
            }
        }

        /// Hiragana and Katakana, whose letters all lie here once they are decomposed.
        private static let kana: ClosedRange<UInt32> = 0x3041...0x30FA
    }
}

/// What somebody searches for: all of the words, the last of which may be only begun.
struct SearchQuery: Sendable, Hashable {
    let words: [String]
    /// As it was sent, for names that match exactly.
    let text: String

    /// - Returns: nil when the text holds nothing that could be found.
    init?(_ text: String) {
        words = Array(SearchText.words(text).prefix(SearchText.queryWords))
        self.text = text
        guard !words.isEmpty else { return nil }
    }

    /// For FTS5's MATCH, or as a `tsquery`. Words hold letters, digits and emoji only: no quotes to escape.
    func expression(in dialect: SQLDialect) -> String {
        switch dialect {
        case .sqlite: words.map { "\"\($0)\"" }.joined(separator: " ") + "*"
        case .postgreSQL: words.map { "'\($0)'" }.joined(separator: " & ") + ":*"
        }
    }
}
