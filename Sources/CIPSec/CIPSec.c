#define _GNU_SOURCE
#include "CIPSec.h"

#include <stdint.h>
#include <stdlib.h>

void golive_ipsec_free(void *key) { free(key); }

#if __has_include(<intel-ipsec-mb.h>)

#include <dlfcn.h>
#include <intel-ipsec-mb.h>
#include <pthread.h>

static IMB_MGR *library;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// The manager is laid out as the header says, so only that version is taken.
static void open_library(void) {
    void *handle = dlopen("libIPSec_MB.so.1", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) return;
    IMB_MGR *(*allocate)(uint64_t) = (IMB_MGR * (*)(uint64_t)) dlsym(handle, "alloc_mb_mgr");
    void (*initialize)(IMB_MGR *, IMB_ARCH *) = (void (*)(IMB_MGR *, IMB_ARCH *))dlsym(handle, "init_mb_mgr_auto");
    unsigned (*version)(void) = (unsigned (*)(void))dlsym(handle, "imb_get_version");
    if (!allocate || !initialize || !version || version() >> 8 != IMB_VERSION_NUM >> 8) return;
    IMB_MGR *manager = allocate(0);
    if (manager == NULL) return;
    initialize(manager, NULL);
    if (manager->features & IMB_FEATURE_AESNI) library = manager;
}

const char *golive_ipsec_version(void) {
    pthread_once(&once, open_library);
    return library == NULL ? NULL : IMB_VERSION_STR;
}

void *golive_ipsec_key(const void *key, size_t length) {
    if (golive_ipsec_version() == NULL) return NULL;
    struct gcm_key_data *expanded = aligned_alloc(64, (sizeof *expanded + 63) & ~(size_t)63);
    if (expanded == NULL) return NULL;
    if (length == 32)
        IMB_AES256_GCM_PRE(library, key, expanded);
    else
        IMB_AES128_GCM_PRE(library, key, expanded);
    return expanded;
}

void golive_ipsec_seal(
    const void *key, bool is256, const void *nonce, const void *authenticated, size_t authenticated_length, void *text,
    size_t length, void *tag) {
    struct gcm_context_data context;
    if (is256)
        IMB_AES256_GCM_ENC(
            library, key, &context, text, text, length, nonce, authenticated, authenticated_length, tag, 16);
    else
        IMB_AES128_GCM_ENC(
            library, key, &context, text, text, length, nonce, authenticated, authenticated_length, tag, 16);
}

void golive_ipsec_open(
    const void *key, bool is256, const void *nonce, const void *authenticated, size_t authenticated_length, void *text,
    size_t length, void *tag) {
    struct gcm_context_data context;
    if (is256)
        IMB_AES256_GCM_DEC(
            library, key, &context, text, text, length, nonce, authenticated, authenticated_length, tag, 16);
    else
        IMB_AES128_GCM_DEC(
            library, key, &context, text, text, length, nonce, authenticated, authenticated_length, tag, 16);
}

#else

const char *golive_ipsec_version(void) { return NULL; }

void *golive_ipsec_key(const void *key, size_t length) {
    (void)key, (void)length;
    return NULL;
}

void golive_ipsec_seal(
    const void *key, bool is256, const void *nonce, const void *authenticated, size_t authenticated_length, void *text,
    size_t length, void *tag) {
    (void)key, (void)is256, (void)nonce, (void)authenticated, (void)authenticated_length, (void)text, (void)length;
    (void)tag;
    abort();
}

void golive_ipsec_open(
    const void *key, bool is256, const void *nonce, const void *authenticated, size_t authenticated_length, void *text,
    size_t length, void *tag) {
    golive_ipsec_seal(key, is256, nonce, authenticated, authenticated_length, text, length, tag);
}

#endif
