import CIPSec
import COpenSSL
import CPrefetch

/// AES-GCM as SRTP uses it (RFC 7714): the key is expanded once, and a packet costs one pass with its own nonce.
struct GCMCipher: ~Copyable {
    private enum Key: BitwiseCopyable {
        case ipsecMB(UnsafeMutableRawPointer, is256: Bool)
        /// A context in which only the nonce changes.
        case openSSL(OpaquePointer)
    }

    private static let tagLength = 16

    private let key: Key
    private let salt: (high: UInt64, low: UInt32)

    init(_ keys: SRTPSessionKeys, _ direction: SRTPCipher.Direction, engine: SealingEngine) throws(SRTPError) {
        key = try Self.expand(keys.encryption, direction, engine)
        salt = keys.salt.withUnsafeBytes { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
            )
        }
    }

    deinit {
        switch key {
        case .ipsecMB(let key, _): golive_ipsec_free(key)
        case .openSSL(let context): EVP_CIPHER_CTX_free(context)
        }
    }

    private static func expand(
        _ key: [UInt8], _ direction: SRTPCipher.Direction, _ engine: SealingEngine
    ) throws(SRTPError) -> Key {
        let is256 = key.count == 32
        switch engine {
        case .ipsecMB:
            guard let expanded = golive_ipsec_key(key, key.count) else { throw .library }
            return .ipsecMB(expanded, is256: is256)
        case .openSSL:
            guard let context = EVP_CIPHER_CTX_new() else { throw .library }
            let cipher = is256 ? EVP_aes_256_gcm() : EVP_aes_128_gcm()
            guard EVP_CipherInit_ex(context, cipher, nil, key, nil, direction == .sealing ? 1 : 0) == 1 else {
                EVP_CIPHER_CTX_free(context)
                throw .library
            }
            return .openSSL(context)
        }
    }

    /// Asks the processor to fetch the expanded key, as far as it is known where that is.
    @inline(__always)
    func prefetchKey() {
        if case .ipsecMB(let key, _) = key { golive_prefetch(key, golive_ipsec_key_size) }
    }

    /// Encrypts behind the header and appends the tag (§8). Returns the sealed length; nil when the library fails.
    func seal(rtp packet: UnsafeMutableRawPointer, header: Int, length: Int, source: SRTPSource) -> Int? {
        guard
            encrypt(
                packet + header, length - header, authenticating: packet, header, tag: packet + length, source: source)
        else { return nil }
        return length + Self.tagLength
    }

    /// As `seal(rtp:…)`; the index, which is authenticated behind the header, follows the tag (§9).
    func seal(rtcp packet: UnsafeMutableRawPointer, header: Int, length: Int, source: SRTPSource) -> Int? {
        var authenticated = (packet.loadUnaligned(as: UInt64.self), source.reportTrailer.bigEndian)
        let isSealed = withUnsafeBytes(of: &authenticated) {
            encrypt(
                packet + header, length - header, authenticating: $0.baseAddress!, header + 4, tag: packet + length,
                source: source)
        }
        guard isSealed else { return nil }
        let end = length + Self.tagLength
        packet.storeBytes(of: source.reportTrailer.bigEndian, toByteOffset: end, as: UInt32.self)
        return end + SRTPProfile.srtcpIndexLength
    }

    /// Whether the tag behind `length` bytes is right; decrypts what is between header and tag.
    func open(rtp packet: UnsafeMutableRawPointer, header: Int, length: Int, source: SRTPSource) -> Bool {
        decrypt(packet + header, length - header, authenticating: packet, header, tag: packet + length, source: source)
    }

    /// As `open(rtp:…)`; the index, which is authenticated behind the header, follows the tag (§9).
    func open(rtcp packet: UnsafeMutableRawPointer, header: Int, length: Int, source: SRTPSource) -> Bool {
        var authenticated = (packet.loadUnaligned(as: UInt64.self), source.reportTrailer.bigEndian)
        return withUnsafeBytes(of: &authenticated) {
            decrypt(
                packet + header, length - header, authenticating: $0.baseAddress!, header + 4, tag: packet + length,
                source: source)
        }
    }

    @inline(__always)
    private func encrypt(
        _ text: UnsafeMutableRawPointer, _ count: Int, authenticating header: UnsafeRawPointer, _ headerLength: Int,
        tag: UnsafeMutableRawPointer, source: SRTPSource
    ) -> Bool {
        withNonce(of: source) { nonce in
            switch key {
            case .ipsecMB(let key, let is256):
                golive_ipsec_seal(key, is256, nonce, header, headerLength, text, count, tag)
                return true
            case .openSSL(let context):
                return golive_EVP_seal(
                    context, nonce, header, Int32(headerLength), text, Int32(count), tag, Int32(Self.tagLength)) == 1
            }
        }
    }

    @inline(__always)
    private func decrypt(
        _ text: UnsafeMutableRawPointer, _ count: Int, authenticating header: UnsafeRawPointer, _ headerLength: Int,
        tag: UnsafeMutableRawPointer, source: SRTPSource
    ) -> Bool {
        withNonce(of: source) { nonce in
            switch key {
            case .ipsecMB(let key, let is256):
                var right = (UInt64(0), UInt64(0))
                return withUnsafeMutableBytes(of: &right) {
                    golive_ipsec_open(key, is256, nonce, header, headerLength, text, count, $0.baseAddress)
                    // In a time that does not depend on the bytes.
                    return CRYPTO_memcmp($0.baseAddress, tag, Self.tagLength) == 0
                }
            case .openSSL(let context):
                return golive_EVP_open(
                    context, nonce, header, Int32(headerLength), text, Int32(count), tag, Int32(Self.tagLength)) == 1
            }
        }
    }

    /// The nonce is two bytes of nothing, SSRC, rollover counter and sequence number, or SSRC and index, with the salt
    /// (§8.1, §9.1).
    @inline(__always)
    private func withNonce(of source: SRTPSource, _ body: (UnsafeRawPointer) -> Bool) -> Bool {
        var nonce = (
            (salt.high ^ (UInt64(source.ssrc) << 16 | source.index >> 32)).bigEndian,
            (salt.low ^ UInt32(truncatingIfNeeded: source.index)).bigEndian
        )
        return withUnsafeBytes(of: &nonce) { body($0.baseAddress!) }
    }
}
