/// One event of an event stream, as text (WHATWG HTML §9.2).
struct ServerSentEvent: Sendable, Hashable {
    /// What a client that lost the connection says it has seen; nil: it keeps the one before.
    var id: String?
    /// What the client's listeners are called by.
    var name: String
    var data: String

    /// Each line of the data is a line of its own; a line break in id or name would begin another field and is left out.
    var text: String {
        var text = ""
        if let id { text += "id: \(Self.line(id))\n" }
        text += "event: \(Self.line(name))\n"
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: \.isLineEnd) {
            text += "data: \(line)\n"
        }
        return text + "\n"
    }

    /// That which streams are live has changed: who shows lists of them may ask for them again.
    static let directory = ServerSentEvent(name: "directory", data: "{}")

    /// Nothing, said to keep the connection open.
    static let comment = ":\n\n"

    /// - Parameter milliseconds: until a client that lost the connection asks again.
    static func retry(after milliseconds: Int) -> String { "retry: \(milliseconds)\n\n" }

    private static func line(_ text: String) -> String { text.filter { !$0.isLineEnd && $0 != "\0" } }
}

extension Character {
    /// What ends a line of an event stream: CR LF, LF or CR.
    fileprivate var isLineEnd: Bool { self == "\r\n" || self == "\n" || self == "\r" }
}
