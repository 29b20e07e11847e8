import COpenSSL

/// AES in counter mode with HMAC-SHA1 as SRTP uses them (RFC 3711 §4.1.1, §4.2.1), on OpenSSL.
struct CounterModeCipher: ~Copyable {
    private static let tagLength = 10

    private let context: OpaquePointer
    private let salt: (high: UInt64, low: UInt64)
    private let authentication: HMACSHA1

    init(_ keys: SRTPSessionKeys) throws(SRTPError) {
        guard let context = EVP_CIPHER_CTX_new() else { throw .library }
        guard EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), nil, keys.encryption, nil) == 1 else {
            EVP_CIPHER_CTX_free(context)
            throw .library
        }
        self.context = context
        authentication = HMACSHA1(key: keys.authentication)
        // Two bytes of block counter come behind its 14.
        salt = (keys.salt + [0, 0]).withUnsafeBytes { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    /// Encrypts behind the header and appends the tag of packet and rollover counter. Returns the sealed length; nil when
    /// OpenSSL fails.
    func seal(rtp packet: UnsafeMutableRawPointer, header: Int, length: Int, source: SRTPSource) -> Int? {
        guard encrypt(packet + header, length - header, source) else { return nil }
        let rollovers = UInt32(truncatingIfNeeded: source.index >> 16)
        // Where the tag goes, the rollover counter stands meanwhile: it is authenticated but not sent.
        packet.storeBytes(of: rollovers.bigEndian, toByteOffset: length, as: UInt32.self)
        authentication.write(tagOf: packet, count: length + 4, length: Self.tagLength, to: packet + length)
        return length + Self.tagLength
    }

    /// As `seal(rtp:…)`, of packet and index, which stands before the tag (§3.4).
    func seal(rtcp packet: UnsafeMutableRawPointer, header: Int, length: Int, source: SRTPSource) -> Int? {
        guard encrypt(packet + header, length - header, source) else { return nil }
        packet.storeBytes(of: source.reportTrailer.bigEndian, toByteOffset: length, as: UInt32.self)
        let end = length + SRTPProfile.srtcpIndexLength
        authentication.write(tagOf: packet, count: end, length: Self.tagLength, to: packet + end)
        return end + Self.tagLength
    }

    /// Whether the tag behind `length` bytes is right; then decrypts what is between header and tag.
    func open(rtp packet: UnsafeMutableRawPointer, header: Int, length: Int, source: SRTPSource) -> Bool {
        // The rollover counter takes the place of the tag, as when it was sealed.
        var tag = (
            packet.loadUnaligned(fromByteOffset: length, as: UInt64.self),
            packet.loadUnaligned(fromByteOffset: length + 8, as: UInt16.self)
        )
        let rollovers = UInt32(truncatingIfNeeded: source.index >> 16)
        packet.storeBytes(of: rollovers.bigEndian, toByteOffset: length, as: UInt32.self)
        let isRight = withUnsafeBytes(of: &tag) {
            authentication.matches(tagOf: packet, count: length + 4, length: Self.tagLength, $0.baseAddress!)
        }
        return isRight && encrypt(packet + header, length - header, source)
    }

    /// As `open(rtp:…)`; the index stands before the tag (§3.4).
    func open(rtcp packet: UnsafeMutableRawPointer, header: Int, length: Int, source: SRTPSource) -> Bool {
        let end = length + SRTPProfile.srtcpIndexLength
        return authentication.matches(tagOf: packet, count: end, length: Self.tagLength, packet + end)
            && encrypt(packet + header, length - header, source)
    }

    /// Decrypts as well: the key stream is added.
    @inline(__always)
    private func encrypt(_ bytes: UnsafeMutableRawPointer, _ count: Int, _ source: SRTPSource) -> Bool {
        guard count > 0 else { return true }
        var counter = ((salt.high ^ UInt64(source.ssrc)).bigEndian, (salt.low ^ (source.index << 16)).bigEndian)
        let isReady = withUnsafeBytes(of: &counter) {
            EVP_EncryptInit_ex(context, nil, nil, nil, $0.baseAddress!.assumingMemoryBound(to: UInt8.self)) == 1
        }
        let text = bytes.assumingMemoryBound(to: UInt8.self)
        var written: Int32 = 0
        return isReady && EVP_EncryptUpdate(context, text, &written, text, Int32(count)) == 1
    }
}

/// HMAC-SHA1 (RFC 2104) with what depends on the key alone done once. OpenSSL's own HMAC allocates for each message.
private struct HMACSHA1 {
    private static let digestLength = 20
    private static let blockLength = 64

    private let inner: SHA_CTX
    private let outer: SHA_CTX

    /// - Parameter key: at most a block long.
    init(key: [UInt8]) {
        inner = Self.begin(key, 0x36)
        outer = Self.begin(key, 0x5c)
    }

    private static func begin(_ key: [UInt8], _ pad: UInt8) -> SHA_CTX {
        let block = (key + [UInt8](repeating: 0, count: blockLength - key.count)).map { $0 ^ pad }
        var state = SHA_CTX()
        golive_SHA1_Init(&state)
        golive_SHA1_Update(&state, block, blockLength)
        return state
    }

    /// Writes the first `length` bytes of the message's code to `tag`, which may lie within the message.
    @inline(__always)
    func write(tagOf message: UnsafeRawPointer, count: Int, length: Int, to tag: UnsafeMutableRawPointer) {
        withCode(of: message, count) { tag.copyMemory(from: $0, byteCount: length) }
    }

    /// Whether `tag` is the first `length` bytes of the message's code, in a time that does not depend on the bytes.
    @inline(__always)
    func matches(tagOf message: UnsafeRawPointer, count: Int, length: Int, _ tag: UnsafeRawPointer) -> Bool {
        withCode(of: message, count) { CRYPTO_memcmp($0, tag, length) == 0 }
    }

    @inline(__always)
    private func withCode<R>(of message: UnsafeRawPointer, _ count: Int, _ body: (UnsafeRawPointer) -> R) -> R {
        withUnsafeTemporaryAllocation(byteCount: Self.digestLength, alignment: 8) { digest in
            let bytes = digest.baseAddress!.assumingMemoryBound(to: UInt8.self)
            var state = inner
            golive_SHA1_Update(&state, message, count)
            golive_SHA1_Final(bytes, &state)
            state = outer
            golive_SHA1_Update(&state, bytes, Self.digestLength)
            golive_SHA1_Final(bytes, &state)
            return body(digest.baseAddress!)
        }
    }
}
