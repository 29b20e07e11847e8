#define _GNU_SOURCE
#include "reference.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, SLOT = 2048, HEADER = 12, TAG = 16 };

struct reference {
    int fd, count, length, filled, made;
    bool cuts;
    uint16_t sequence;
    EVP_CIPHER_CTX **keys;
    struct sockaddr_in *viewers;
    uint8_t payload[SLOT];
    uint8_t slots[BATCH][SLOT];
    struct iovec vectors[BATCH];
    struct mmsghdr messages[BATCH];
    _Alignas(8) uint8_t controls[BATCH][CMSG_SPACE(sizeof(uint16_t))];
};

struct reference *reference_open(int fd, const int *viewers, int count, int length, bool cuts) {
    struct reference *r = calloc(1, sizeof *r);
    r->fd = fd;
    r->count = count;
    r->length = length;
    r->cuts = cuts;
    r->keys = calloc((size_t)count, sizeof *r->keys);
    r->viewers = calloc((size_t)count, sizeof *r->viewers);
    for (int i = 0; i < count; i++) {
        socklen_t size = sizeof r->viewers[i];
        getsockname(viewers[i], (struct sockaddr *)&r->viewers[i], &size);
        uint8_t key[16] = {(uint8_t)i, (uint8_t)(i >> 8), 1};
        r->keys[i] = EVP_CIPHER_CTX_new();
        EVP_EncryptInit_ex(r->keys[i], EVP_aes_128_gcm(), NULL, key, NULL);
    }
    for (int i = 0; i < SLOT; i++) r->payload[i] = (uint8_t)(i * 7);
    for (int i = 0; i < BATCH; i++) {
        r->vectors[i].iov_base = r->slots[i];
        r->messages[i].msg_hdr.msg_namelen = sizeof(struct sockaddr_in);
    }
    return r;
}

void reference_close(struct reference *r) {
    for (int i = 0; i < r->count; i++) EVP_CIPHER_CTX_free(r->keys[i]);
    free(r->keys);
    free(r->viewers);
    free(r);
}

static int64_t flush(struct reference *r) {
    int sent = 0;
    int64_t packets = 0;
    while (sent < r->made) {
        int result = sendmmsg(r->fd, r->messages + sent, (unsigned)(r->made - sent), 0);
        if (result <= 0) break;
        for (int i = sent; i < sent + result; i++) packets += (int64_t)r->messages[i].msg_hdr.msg_iovlen;
        sent += result;
    }
    r->filled = r->made = 0;
    return packets;
}

/// Puts the packet in the next slot behind the last message, or makes it one of its own.
static void add(struct reference *r, int viewer, bool continues) {
    r->vectors[r->filled].iov_len = (size_t)r->length + TAG;
    if (r->cuts && continues && r->made > 0) {
        struct msghdr *last = &r->messages[r->made - 1].msg_hdr;
        uint16_t size = (uint16_t)(r->length + TAG);
        last->msg_iovlen++;
        last->msg_control = r->controls[r->made - 1];
        last->msg_controllen = sizeof r->controls[0];
        struct cmsghdr *c = CMSG_FIRSTHDR(last);
        c->cmsg_level = IPPROTO_UDP;
        c->cmsg_type = UDP_SEGMENT;
        c->cmsg_len = CMSG_LEN(sizeof size);
        memcpy(CMSG_DATA(c), &size, sizeof size);
    } else {
        struct msghdr *message = &r->messages[r->made++].msg_hdr;
        message->msg_name = &r->viewers[viewer];
        message->msg_iov = &r->vectors[r->filled];
        message->msg_iovlen = 1;
        message->msg_control = NULL;
        message->msg_controllen = 0;
    }
    r->filled++;
}

static void seal(struct reference *r, int viewer, int packet) {
    int text = r->length - HEADER, written;
    uint8_t *slot = r->slots[r->filled];
    uint32_t ssrc = htonl(0x10000u + (uint32_t)viewer);
    uint16_t sequence = htons((uint16_t)(r->sequence + packet));
    slot[0] = 0x80;
    slot[1] = 96;
    memcpy(slot + 2, &sequence, 2);
    memset(slot + 4, 0, 4);
    memcpy(slot + 8, &ssrc, 4);
    uint8_t nonce[12] = {0};
    memcpy(nonce + 2, &ssrc, 4);
    memcpy(nonce + 10, &sequence, 2);
    EVP_CIPHER_CTX *key = r->keys[viewer];
    EVP_EncryptInit_ex(key, NULL, NULL, NULL, nonce);
    EVP_EncryptUpdate(key, NULL, &written, slot, HEADER);
    EVP_EncryptUpdate(key, slot + HEADER, &written, r->payload, text);
    EVP_EncryptFinal_ex(key, slot + r->length, &written);
    EVP_CIPHER_CTX_ctrl(key, EVP_CTRL_AEAD_GET_TAG, TAG, slot + r->length);
}

int64_t reference_send(struct reference *r, int packets) {
    int64_t sent = 0;
    for (int viewer = 0; viewer < r->count; viewer++) {
        for (int packet = 0; packet < packets; packet++) {
            seal(r, viewer, packet);
            add(r, viewer, packet > 0);
            if (r->filled == BATCH) sent += flush(r);
        }
    }
    r->sequence = (uint16_t)(r->sequence + packets);
    return sent + flush(r);
}

int64_t reference_thread_time(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int reference_drain(int fd) {
    uint8_t byte;
    int count = 0;
    while (recv(fd, &byte, 1, MSG_DONTWAIT | MSG_TRUNC) >= 0) count++;
    return count;
}

int reference_socket(uint16_t *port) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(fd, (struct sockaddr *)&address, length) < 0 || getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
        close(fd);
        return -1;
    }
    *port = ntohs(address.sin_port);
    return fd;
}
