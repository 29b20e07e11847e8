import COpenSSL

/// The keys that one direction's master key gives for its RTP or its RTCP (RFC 3711 §4.3, RFC 7714 §11). DTLS-SRTP has no
/// key derivation rate, so they last as long as the master key.
struct SRTPSessionKeys {
    let encryption: [UInt8]
    /// Empty where the cipher authenticates by itself.
    let authentication: [UInt8]
    let salt: [UInt8]

    /// Bytes of HMAC-SHA1's key (RFC 3711 §5.2).
    private static let authenticationLength = 20

    /// - Parameters:
    ///   - key: the master key, of the profile's length.
    ///   - salt: the master salt, of the profile's length.
    init(_ kind: SRTPPacket, profile: SRTPProfile, key: [UInt8], salt: [UInt8]) throws(SRTPError) {
        // The labels of §4.3.1 and §4.3.2.
        let first: UInt8 = kind == .rtp ? 0 : 3
        encryption = try Self.derive(first, profile.keyLength, key: key, salt: salt)
        authentication =
            profile.isAEAD ? [] : try Self.derive(first + 1, Self.authenticationLength, key: key, salt: salt)
        self.salt = try Self.derive(first + 2, profile.saltLength, key: key, salt: salt)
    }

    /// The key stream of AES in counter mode under the master key (§4.3.3): its counter begins with the salt, in which the
    /// label stands seven bytes from the end of 112 bits.
    private static func derive(
        _ label: UInt8, _ count: Int, key: [UInt8], salt: [UInt8]
    ) throws(SRTPError) -> [UInt8] {
        var counter = salt + [UInt8](repeating: 0, count: 16 - salt.count)
        counter[7] ^= label
        var derived = [UInt8](repeating: 0, count: count)
        guard let context = EVP_CIPHER_CTX_new() else { throw .library }
        defer { EVP_CIPHER_CTX_free(context) }
        let cipher = key.count == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr()
        var written: Int32 = 0
        guard EVP_EncryptInit_ex(context, cipher, nil, key, counter) == 1,
            EVP_EncryptUpdate(context, &derived, &written, [UInt8](repeating: 0, count: count), Int32(count)) == 1
        else { throw .library }
        return derived
    }
}
