import COpenSSL

/// The state cookie of INIT ACK (RFC 9260 §5.1.3): all that is needed to make the association when it comes back,
/// sealed with an HMAC-SHA256 so that nothing need be kept meanwhile.
struct SCTPCookie: Equatable {
    var issued: Instant
    var localTag: UInt32
    var localInitialTSN: UInt32
    var peerTag: UInt32
    var peerInitialTSN: UInt32
    /// The peer's receive window in bytes.
    var peerWindow: UInt32
    var outgoingStreams: UInt16
    var incomingStreams: UInt16
    var canSkip: Bool
    var canReset: Bool
    /// The tags of the association there was when the INIT came; zero if none (RFC 9260 §5.2.2).
    var tieTags: TieTags

    struct TieTags: Equatable {
        var local: UInt32 = 0
        var peer: UInt32 = 0
    }

    private static let sealSize = 32
}

extension SCTPCookie {
    func serialize(key: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(capacity: 80)
        writer.write(UInt64(bitPattern: issued.nanoseconds))
        for field in [localTag, localInitialTSN, peerTag, peerInitialTSN, peerWindow, tieTags.local, tieTags.peer] {
            writer.write(field)
        }
        writer.write(outgoingStreams)
        writer.write(incomingStreams)
        writer.write(UInt32((canSkip ? 1 : 0) | (canReset ? 2 : 0)))
        let body = writer.bytes
        return body + Self.authenticationCode(key: key, body)
    }

    /// Refuses a cookie that was not sealed with `key`. The caller checks its age.
    init(parsing bytes: [UInt8], key: [UInt8]) throws(ParseError) {
        guard bytes.count > Self.sealSize else { throw .truncated }
        let body = Array(bytes.dropLast(Self.sealSize))
        let seal = Array(bytes.suffix(Self.sealSize))
        guard CRYPTO_memcmp(Self.authenticationCode(key: key, body), seal, Self.sealSize) == 0 else {
            throw .malformed("state cookie")
        }
        var reader = ByteReader(body.span.bytes)
        issued = Instant(nanoseconds: Int64(bitPattern: try reader.uint64()))
        localTag = try reader.uint32()
        localInitialTSN = try reader.uint32()
        peerTag = try reader.uint32()
        peerInitialTSN = try reader.uint32()
        peerWindow = try reader.uint32()
        tieTags = TieTags(local: try reader.uint32(), peer: try reader.uint32())
        outgoingStreams = try reader.uint16()
        incomingStreams = try reader.uint16()
        let flags = try reader.uint32()
        canSkip = flags & 1 != 0
        canReset = flags & 2 != 0
    }

    /// HMAC-SHA256.
    static func authenticationCode(key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: sealSize)
        _ = HMAC(EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &code, nil)
        return code
    }
}
