#ifndef GOLIVE_CIPSEC_H
#define GOLIVE_CIPSEC_H

#include <stdbool.h>
#include <stddef.h>

// AES-GCM by Intel's multi-buffer library, where the build found its header and the machine has it. The library is opened at
// run time, so that a program that was built with it runs without it. No logic.

/// The library's version; NULL where there is none, or where the processor has no instructions for AES.
const char *golive_ipsec_version(void);

/// Bytes of an expanded key: round keys, and the powers of the hash key, of which a packet takes nearly all.
static const size_t golive_ipsec_key_size = 1024;

/// An expanded key of 16 or 32 bytes. NULL when there is no library or no memory.
void *golive_ipsec_key(const void *key, size_t length);
void golive_ipsec_free(void *key);

/// Encrypts `length` bytes at `text` in place and writes the tag of 16 bytes, with a nonce of 12. `is256`: the key has 32 bytes.
void golive_ipsec_seal(
    const void *key, bool is256, const void *nonce, const void *authenticated, size_t authenticated_length, void *text,
    size_t length, void *tag);

/// Decrypts `length` bytes at `text` in place and writes the tag of 16 bytes that they should have; it is for the caller to
/// compare. Otherwise as `golive_ipsec_seal`.
void golive_ipsec_open(
    const void *key, bool is256, const void *nonce, const void *authenticated, size_t authenticated_length, void *text,
    size_t length, void *tag);

#endif
