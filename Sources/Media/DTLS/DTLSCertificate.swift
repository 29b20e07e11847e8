import COpenSSL

/// The one self-signed ECDSA P-256 certificate of a process, and the OpenSSL context that every session is made from.
///
/// WebRTC never checks a certificate's dates, names or chain: only its fingerprint, which signalling carries (RFC 8827
/// §6.5). The context is complete when `init` returns and OpenSSL counts references to it atomically, so workers share it.
/// What it allows: DTLS 1.2 with forward secrecy and AEAD ciphers; no tickets, no session cache, no renegotiation.
package final class DTLSCertificate: Sendable {
    package let fingerprint: Fingerprint
    /// An `SSL_CTX`; only read after `init`.
    nonisolated(unsafe) let context: OpaquePointer

    /// - Parameter unixSeconds: the time of day, which the certificate's dates are put around.
    package init(now unixSeconds: Int) throws(DTLSError) {
        guard let key = golive_EVP_EC_gen("P-256") else { throw .lastInQueue }
        defer { EVP_PKEY_free(key) }
        guard let certificate = X509_new() else { throw .lastInQueue }
        defer { X509_free(certificate) }
        try Self.fill(certificate, key: key, unixSeconds: unixSeconds)
        guard let bytes = certificateHash(certificate, algorithm: "sha-256") else { throw .lastInQueue }
        fingerprint = Fingerprint(algorithm: "sha-256", bytes: bytes)
        context = try Self.makeContext(certificate: certificate, key: key)
    }

    deinit {
        SSL_CTX_free(context)
    }

    private static func fill(
        _ certificate: OpaquePointer, key: OpaquePointer, unixSeconds: Int
    ) throws(DTLSError) {
        let day = 86_400
        var serial: UInt64 = 0
        let name = X509_get_subject_name(certificate)
        guard withUnsafeMutableBytes(of: &serial, { RAND_bytes($0.baseAddress, 8) }) == 1,
            X509_set_version(certificate, 2) == 1,
            ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1,
            ASN1_TIME_set(X509_getm_notBefore(certificate), unixSeconds - day) != nil,
            ASN1_TIME_set(X509_getm_notAfter(certificate), unixSeconds + 365 * day) != nil,
            X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, "WebRTC", -1, -1, 0) == 1,
            X509_set_issuer_name(certificate, name) == 1,
            X509_set_pubkey(certificate, key) == 1,
            X509_sign(certificate, key, EVP_sha256()) > 0
        else { throw .lastInQueue }
    }

    private static func makeContext(
        certificate: OpaquePointer, key: OpaquePointer
    ) throws(DTLSError) -> OpaquePointer {
        guard let context = SSL_CTX_new(DTLS_method()) else { throw .lastInQueue }
        let ciphers =
            "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:"
            + "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:ECDHE-RSA-AES256-GCM-SHA384"
        guard golive_SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1,
            golive_SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1,
            SSL_CTX_set_cipher_list(context, ciphers) == 1,
            golive_SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1,
            SSL_CTX_use_certificate(context, certificate) == 1,
            SSL_CTX_use_PrivateKey(context, key) == 1
        else {
            SSL_CTX_free(context)
            throw .lastInQueue
        }
        SSL_CTX_set_options(
            context,
            golive_SSL_OP_NO_QUERY_MTU | golive_SSL_OP_NO_TICKET | golive_SSL_OP_NO_RENEGOTIATION
                | golive_SSL_OP_CIPHER_SERVER_PREFERENCE)
        _ = golive_SSL_CTX_set_session_cache_mode(context, Int(SSL_SESS_CACHE_OFF))
        // Also bounds what a peer can make OpenSSL hold while it puts a fragmented message together.
        _ = golive_SSL_CTX_set_max_cert_list(context, 16_384)
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        SSL_CTX_set_cert_verify_callback(context, DTLSWire.verifyPeer, nil)
        return context
    }
}

/// The hash of a DER-encoded certificate under SDP's name for the function; nil where the name is not one of RFC 8122's
/// that are still spoken.
func certificateHash(_ certificate: OpaquePointer?, algorithm: String) -> [UInt8]? {
    let function: OpaquePointer?
    switch algorithm {
    case "sha-256": function = EVP_sha256()
    case "sha-384": function = EVP_sha384()
    case "sha-512": function = EVP_sha512()
    case "sha-1": function = EVP_sha1()
    default: return nil
    }
    var hash = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard X509_digest(certificate, function, &hash, &count) == 1 else { return nil }
    return Array(hash.prefix(Int(count)))
}

extension DTLSError {
    /// What OpenSSL's error queue of this thread says, oldest first: the cause rather than its consequences.
    static var lastInQueue: DTLSError {
        let reason = ERR_GET_REASON(ERR_peek_error())
        let alerts = SSL_AD_REASON_OFFSET + 1...SSL_AD_REASON_OFFSET + 255
        return alerts.contains(reason) ? .alert(UInt8(reason - SSL_AD_REASON_OFFSET)) : .library(Int(reason))
    }
}
