import COpenSSL

/// How one direction's records are encrypted and authenticated: what DTLS 1.2 makes of the handshake's master secret
/// (RFC 5246 §6.3, RFC 5288, RFC 7905).
struct DTLSTrafficKey {
    enum Cipher {
        case aes128GCM
        case aes256GCM
        case chaCha20Poly1305

        /// Bytes.
        var keyLength: Int { self == .aes128GCM ? 16 : 32 }
        /// Bytes of the nonce that do not travel.
        var saltLength: Int { self == .chaCha20Poly1305 ? 12 : 4 }
        /// Bytes of the nonce that each record carries.
        var explicitLength: Int { self == .chaCha20Poly1305 ? 0 : 8 }
        /// OpenSSL's.
        var function: OpaquePointer? {
            switch self {
            case .aes128GCM: EVP_aes_128_gcm()
            case .aes256GCM: EVP_aes_256_gcm()
            case .chaCha20Poly1305: EVP_chacha20_poly1305()
            }
        }

        fileprivate init?(openSSL cipher: OpaquePointer?) {
            switch SSL_CIPHER_get_cipher_nid(cipher) {
            case NID_aes_128_gcm: self = .aes128GCM
            case NID_aes_256_gcm: self = .aes256GCM
            case NID_chacha20_poly1305: self = .chaCha20Poly1305
            default: return nil
            }
        }
    }

    let cipher: Cipher
    let key: [UInt8]
    let salt: [UInt8]

    /// What this end writes and reads with after the handshake that `ssl` has finished; nil where OpenSSL fails.
    static func pair(after ssl: OpaquePointer, role: DTLSRole) -> (local: DTLSTrafficKey, remote: DTLSTrafficKey)? {
        let suite = SSL_get_current_cipher(ssl)
        guard let cipher = Cipher(openSSL: suite), let hash = SSL_CIPHER_get_handshake_digest(suite),
            let session = SSL_get_session(ssl)
        else { return nil }
        var master = [UInt8](repeating: 0, count: 48)
        guard SSL_SESSION_get_master_key(session, &master, master.count) == master.count else { return nil }
        var (client, server) = ([UInt8](repeating: 0, count: 32), [UInt8](repeating: 0, count: 32))
        guard SSL_get_client_random(ssl, &client, 32) == 32, SSL_get_server_random(ssl, &server, 32) == 32 else {
            return nil
        }
        let (key, salt) = (cipher.keyLength, cipher.saltLength)
        let seed = Array("key expansion".utf8) + server + client
        guard let block = expand(master, seed, 2 * (key + salt), hash) else { return nil }
        let keys = [block[..<key], block[key..<2 * key]].map(Array.init)
        let salts = [block[(2 * key)..<(2 * key + salt)], block[(2 * key + salt)...]].map(Array.init)
        let (local, remote) = role == .client ? (0, 1) : (1, 0)
        return (
            DTLSTrafficKey(cipher: cipher, key: keys[local], salt: salts[local]),
            DTLSTrafficKey(cipher: cipher, key: keys[remote], salt: salts[remote])
        )
    }

    /// TLS 1.2's pseudorandom function (RFC 5246 §5).
    private static func expand(_ secret: [UInt8], _ seed: [UInt8], _ count: Int, _ hash: OpaquePointer) -> [UInt8]? {
        func code(_ message: [UInt8]) -> [UInt8]? {
            var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
            var length: UInt32 = 0
            guard HMAC(hash, secret, Int32(secret.count), message, message.count, &digest, &length) != nil else {
                return nil
            }
            return Array(digest.prefix(Int(length)))
        }
        var (expanded, round) = ([UInt8](), seed)
        while expanded.count < count {
            guard let next = code(round), let piece = code(next + seed) else { return nil }
            round = next
            expanded += piece
        }
        return Array(expanded.prefix(count))
    }
}
