import Foundation

/// A part of a list, and how to ask for the next.
struct Page<Item: Encodable & Sendable>: Encodable, Sendable {
    var items: [Item]
    /// Opaque; absent on the last page.
    var nextCursor: String?
}

extension Page {
    /// From one item more than was asked for, which tells whether there is a next page.
    ///
    /// - Parameter cursor: of the last item on the page.
    init(_ found: [Item], limit: Int, cursor: (Item) -> Cursor) {
        items = Array(found.prefix(limit))
        nextCursor = found.count > limit ? items.last.map { cursor($0).text } : nil
    }

    /// The same, of what is found in one form and given in another.
    init<Found>(_ found: [Found], limit: Int, cursor: (Found) -> Cursor, item: (Found) -> Item) {
        let part = found.prefix(limit)
        items = part.map(item)
        nextCursor = found.count > limit ? part.last.map { cursor($0).text } : nil
    }
}

/// Where a page begins: the sort keys of the item before it. Opaque to clients.
struct Cursor: Sendable, Equatable {
    var keys: [String]

    init(_ keys: String...) { self.keys = keys }

    /// - Throws: `invalid_cursor` for what `text` did not make.
    init(parsing text: String, keys count: Int) throws(APIError) {
        let padded =
            text.replacing("-", with: "+").replacing("_", with: "/")
            + String(repeating: "=", count: (4 - text.count % 4) % 4)
        guard
            text.utf8.count <= 512, let data = Data(base64Encoded: padded),
            let keys = try? JSONDecoder().decode([String].self, from: data), keys.count == count
        else { throw .invalidCursor }
        self.keys = keys
    }

    var text: String {
        let data = (try? JSONEncoder().encode(keys)) ?? Data()
        return data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The key as a number.
    func integer(_ index: Int) throws(APIError) -> Int64 {
        guard let integer = Int64(keys[index]) else { throw .invalidCursor }
        return integer
    }
}

extension Call {
    /// The `limit` of a list: 20 when not stated.
    var limit: Int { Int(integer("limit") ?? 20) }

    /// - Parameter count: of keys in the list's cursors.
    func cursor(keys count: Int) throws(APIError) -> Cursor? {
        guard let text = text("cursor") else { return nil }
        return try Cursor(parsing: text, keys: count)
    }
}

extension [Field] {
    /// What every list takes in its query.
    static let paging = [
        Field(name: "limit", kind: .integer(1...100), about: "Items on a page; 20 when not stated."),
        Field(name: "cursor", kind: .text(1...512, lines: .one), about: "`nextCursor` of the page before."),
    ]
}
