import Crypto

/// The picture of a stream, as it is kept.
struct Thumbnail: Sendable, Hashable {
    enum Kind: String, Sendable, CaseIterable {
        /// By the creator; goes before the other.
        case uploaded
        /// Made from a keyframe while live; stays when the stream ends.
        case live
    }

    var kind: Kind
    /// What the bytes are.
    var contentType: String
    var bytes: [UInt8]
    /// The SHA-256 of the bytes, in hexadecimal.
    var tag: String

    init(kind: Kind, contentType: String, bytes: [UInt8]) {
        self.kind = kind
        self.contentType = contentType
        self.bytes = bytes
        tag = SHA256.hash(data: bytes).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }

    /// - Throws: when the row lacks a column.
    init(_ row: SQLRow) throws(SQLError) {
        guard let kind = Kind(rawValue: try row.text("kind")) else { throw .column("kind") }
        self.kind = kind
        contentType = try row.text("content_type")
        bytes = try row.blob("bytes")
        tag = try row.text("tag")
    }

    /// Where the picture is to be had; another picture has another address, so that this one may be kept for ever.
    static func address(userID: String, tag: String) -> String { "/api/thumbnails/\(userID)?v=\(tag)" }
}
