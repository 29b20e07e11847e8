import Testing

@testable import GoLive

@Suite struct SearchTextTests {
    static let foldings: [(String, [String])] = [
        ("", []),
        ("  \"*' -- (NEAR) ", ["near"]),
        ("Café CRÈME", ["cafe", "creme"]),
        ("Cafe\u{301}", ["cafe"]),
        ("Straße ΣΑΣ σας", ["strasse", "σασ", "σασ"]),
        ("night_owl-9", ["night", "owl", "9"]),
        ("ﬁn ①", ["fin", "1"]),
        ("🎮🎮play❤️", ["🎮", "🎮", "play", "❤"]),
        ("東京カフェ", ["東", "京", "カ", "フ", "ェ"]),
        ("Ёлка", ["елка"]),
    ]

    @Test(arguments: foldings)
    func `text is folded to words`(text: String, words: [String]) {
        #expect(SearchText.words(text) == words)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `words hold no quotes, spaces or controls`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let words = SearchText.words(String.random(length: 100, using: &random))
        let meaningful = Set("\"'\\*:&|!()<>".unicodeScalars)
        for word in words {
            #expect(!word.isEmpty && word.unicodeScalars.count <= SearchText.wordLength)
            let isClean = word.unicodeScalars.allSatisfy {
                !$0.properties.isWhitespace && $0.properties.generalCategory != .control && !meaningful.contains($0)
            }
            #expect(isClean)
        }
    }

    @Test func `a document holds each word once, and a query at most its cap`() {
        #expect(SearchText.document(["Go go", "GO live"]) == "go live")
        let many = (0..<50).map { "w\($0)" }.joined(separator: " ")
        #expect(SearchQuery(many)?.words.count == SearchText.queryWords)
        #expect(SearchQuery("\"' * -- ;") == nil)
    }
}

extension String {
    /// Scalars from all over Unicode, with many that mean something to a database.
    static func random(length: Int, using random: inout SeededGenerator) -> String {
        let special = Array("\"'*:()&|!^-+{}\\%_;<> \u{301}\u{200D}".unicodeScalars)
        var scalars = String.UnicodeScalarView()
        for _ in 0..<length {
            let ranges: [ClosedRange<UInt32>] = [0x20...0x7E, 0x20...0x7E, 0xA0...0xFFFF, 0x10000...0x2FFFF]
            let range = ranges.randomElement(using: &random)!
            let any = Unicode.Scalar(UInt32.random(in: range, using: &random)) ?? "x"
            scalars.append(Int.random(in: 0..<3, using: &random) == 0 ? special.randomElement(using: &random)! : any)
        }
        return String(scalars)
    }
}
