import Testing

@testable import GoLive

@Suite struct FieldTests {
    private static func judge(_ kind: Field.Kind, _ value: JSONValue) -> Field.Judgement {
        Field(name: "x", kind: kind, about: "").judge(value)
    }

    private static func isAccepted(_ kind: Field.Kind, _ value: JSONValue) -> Bool {
        if case .accepted = judge(kind, value) { true } else { false }
    }

    @Test func `text is trimmed, then measured in Unicode scalars`() {
        let kind = Field.Kind.text(1...3, lines: .one)
        #expect(Self.judge(kind, "  abc \n") == .accepted("abc"))
        #expect(Self.judge(kind, "\u{3000}äöü\u{A0}") == .accepted("äöü"))
        for text in ["", "   ", "abcd", "e\u{301}e\u{301}"] { #expect(!Self.isAccepted(kind, .string(text))) }
    }

    @Test func `control characters are refused; several lines may hold line ends and tabs`() {
        let one = Field.Kind.text(0...20, lines: .one)
        let many = Field.Kind.text(0...20, lines: .many)
        for text in ["a\u{0}b", "a\u{1B}b", "a\u{7F}b", "a\u{85}b"] {
            #expect(!Self.isAccepted(one, .string(text)) && !Self.isAccepted(many, .string(text)))
        }
        for text in ["a\nb", "a\tb", "a\r\nb"] {
            #expect(!Self.isAccepted(one, .string(text)) && Self.isAccepted(many, .string(text)))
        }
    }

    @Test func `numbers have their range, choices their names, secrets their bytes`() {
        #expect(Self.isAccepted(.integer(1...5), 5) && !Self.isAccepted(.integer(1...5), 6))
        #expect(!Self.isAccepted(.integer(1...5), .number(2.5)))
        #expect(Self.isAccepted(.choice(["a"]), "a") && !Self.isAccepted(.choice(["a"]), "b"))
        #expect(Self.judge(.secret(2...4), " é ") == .accepted(" é "))
        #expect(!Self.isAccepted(.secret(2...4), "ééé"))
    }

    @Test(arguments: ["https://example.org/a?b=c#d", "http://[::1]:80/", "/thumbnails/1.png"])
    func `web addresses and paths are taken`(text: String) {
        #expect(Self.isAccepted(.webAddress, .string(text)))
    }

    @Test(arguments: [
        "", "javascript:alert(1)", "data:text/html,x", "//evil.example.org", "ftp://x", "https://a b", "https://a\"b",
        "https://a<b", "example.org", "https://a\nb", "https://ä", "https://" + String(repeating: "a", count: 2048),
    ])
    func `what a page could not safely link to is refused`(text: String) {
        #expect(!Self.isAccepted(.webAddress, .string(text)))
    }

    @Test func `every kind refuses every other kind of value`() {
        let samples: [(Field.Kind, JSONValue)] = [
            (.text(0...9, lines: .one), "a"), (.choice(["a"]), "a"), (.webAddress, "/a"), (.secret(0...9), "a"),
            (.bool, true), (.integer(0...9), 1),
        ]
        let values: [JSONValue] = ["a", "/a", true, 1, .number(1.5), [], [:], .null]
        for (kind, sample) in samples {
            #expect(Self.isAccepted(kind, sample))
            for value in values where kind.noun != Self.noun(of: value) { #expect(!Self.isAccepted(kind, value)) }
        }
    }

    private static func noun(of value: JSONValue) -> String {
        switch value {
        case .string: "a string"
        case .bool: "true or false"
        case .integer: "a whole number"
        default: ""
        }
    }

    @Test func `a check beyond the kind has the last word`() {
        let field = Field(name: "x", kind: .integer(0...9), about: "", check: { $0 == 4 ? "must not be 4" : nil })
        #expect(field.judge(4) == .refused("must not be 4") && field.judge(5) == .accepted(5))
        guard case .refused(let reason) = field.judge(10) else {
            Issue.record("10 was taken")
            return
        }
        #expect(reason.contains("0 to 9"))
    }
}
