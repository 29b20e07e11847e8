import Testing

@testable import GoLive

@Suite struct CursorTests {
    @Test(arguments: [["a"], ["1", "b"], ["", ""], ["ü\"\\/\u{0}", "-_+=", "9223372036854775807"]])
    func `a cursor comes back as it went out, in characters that an address may hold`(keys: [String]) throws {
        var cursor = Cursor()
        cursor.keys = keys
        #expect(try Cursor(parsing: cursor.text, keys: keys.count) == cursor)
        #expect(
            cursor.text.utf8.allSatisfy {
                ($0 | 0x20) > 0x60 && ($0 | 0x20) < 0x7B || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
            })
    }

    @Test(arguments: [
        "", "x", "!!!!", "e30", "W10", "WyJhIl0", "WzEsMl0", String(repeating: "A", count: 600), "ü", "==",
    ])
    func `what is none is refused`(text: String) {
        #expect(throws: APIError.invalidCursor) { try Cursor(parsing: text, keys: 2) }
    }

    @Test func `a key that should be a number is one`() throws {
        #expect(try Cursor("7", "x").integer(0) == 7)
        #expect(throws: APIError.invalidCursor) { try Cursor("7", "x").integer(1) }
    }

    @Test func `a page tells whether there is another`() {
        let page = Page([1, 2, 3], limit: 2) { Cursor("\($0)") }
        #expect(page.items == [1, 2] && page.nextCursor == Cursor("2").text)
        #expect(Page([1, 2], limit: 2) { Cursor("\($0)") }.nextCursor == nil)
        #expect(Page([Int](), limit: 2) { Cursor("\($0)") }.nextCursor == nil)
    }
}
