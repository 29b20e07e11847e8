#ifndef GOLIVE_COPENSSL_H
#define GOLIVE_COPENSSL_H
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
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
static inline EVP_PKEY *golive_EVP_EC_gen(const char *curve) { return EVP_EC_gen(curve); }
#endif
