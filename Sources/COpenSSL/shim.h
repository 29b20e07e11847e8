#ifndef GOLIVE_COPENSSL_H
#define GOLIVE_COPENSSL_H
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/time.h>
// Function-like macros and computed constants that Swift cannot import.
static const uint64_t golive_SSL_OP_NO_QUERY_MTU = SSL_OP_NO_QUERY_MTU;
static const uint64_t golive_SSL_OP_NO_TICKET = SSL_OP_NO_TICKET;
static const uint64_t golive_SSL_OP_NO_RENEGOTIATION = SSL_OP_NO_RENEGOTIATION;
static const uint64_t golive_SSL_OP_CIPHER_SERVER_PREFERENCE = SSL_OP_CIPHER_SERVER_PREFERENCE;
static inline long golive_DTLSv1_handle_timeout(SSL *s) { return DTLSv1_handle_timeout(s); }
static inline long golive_SSL_set_mtu(SSL *s, long mtu) { return SSL_set_mtu(s, mtu); }
static inline int golive_SSL_CTX_set_min_proto_version(SSL_CTX *c, int v) { return (int)SSL_CTX_set_min_proto_version(c, v); }
static inline int golive_SSL_CTX_set_max_proto_version(SSL_CTX *c, int v) { return (int)SSL_CTX_set_max_proto_version(c, v); }
static inline int golive_SSL_CTX_set1_groups_list(SSL_CTX *c, const char *l) { return (int)SSL_CTX_set1_groups_list(c, (char *)l); }
static inline long golive_SSL_CTX_set_session_cache_mode(SSL_CTX *c, long m) { return SSL_CTX_set_session_cache_mode(c, m); }
static inline long golive_SSL_CTX_set_max_cert_list(SSL_CTX *c, long bytes) { return SSL_CTX_set_max_cert_list(c, bytes); }
static inline void golive_BIO_set_retry_read(BIO *b) { BIO_set_retry_read(b); }
static inline void golive_BIO_clear_retry_flags(BIO *b) { BIO_clear_retry_flags(b); }
// One packet under a key that is set already; 1, or 0.
static inline int golive_EVP_seal(EVP_CIPHER_CTX *c, const void *nonce, const void *header, int header_length, void *text,
                                  int length, void *tag, int tag_length) {
    int written;
    return EVP_EncryptInit_ex(c, NULL, NULL, NULL, (const unsigned char *)nonce) == 1 &&
           EVP_EncryptUpdate(c, NULL, &written, (const unsigned char *)header, header_length) == 1 &&
           (length == 0 ||
            EVP_EncryptUpdate(c, (unsigned char *)text, &written, (const unsigned char *)text, length) == 1) &&
           EVP_EncryptFinal_ex(c, (unsigned char *)tag, &written) == 1 &&
           EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, tag_length, tag) == 1;
}
// The reverse; 0 also when the tag is not the packet's.
static inline int golive_EVP_open(EVP_CIPHER_CTX *c, const void *nonce, const void *header, int header_length, void *text,
                                  int length, void *tag, int tag_length) {
    int written;
    return EVP_DecryptInit_ex(c, NULL, NULL, NULL, (const unsigned char *)nonce) == 1 &&
           EVP_DecryptUpdate(c, NULL, &written, (const unsigned char *)header, header_length) == 1 &&
           (length == 0 ||
            EVP_DecryptUpdate(c, (unsigned char *)text, &written, (const unsigned char *)text, length) == 1) &&
           EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, tag_length, tag) == 1 &&
           EVP_DecryptFinal_ex(c, (unsigned char *)text + length, &written) == 1;
}
// Deprecated in favour of interfaces that allocate for each message.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static inline int golive_SHA1_Init(SHA_CTX *c) { return SHA1_Init(c); }
static inline int golive_SHA1_Update(SHA_CTX *c, const void *bytes, size_t count) { return SHA1_Update(c, bytes, count); }
static inline int golive_SHA1_Final(unsigned char *digest, SHA_CTX *c) { return SHA1_Final(digest, c); }
#pragma GCC diagnostic pop
static inline EVP_PKEY *golive_EVP_EC_gen(const char *curve) { return EVP_EC_gen(curve); }
#endif
