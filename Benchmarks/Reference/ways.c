#define _GNU_SOURCE
#include "ways.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "reference.h"

enum { BATCH = 64, SLOT = 2048 };

struct ways {
    int fd, count, length, *viewers;
    struct sockaddr_in own, *addresses;
    /// One for each viewer, on the server's port; NULL until `ways_connect`.
    int *connected;
    uint8_t slots[BATCH][SLOT];
    struct iovec vectors[BATCH];
    struct mmsghdr messages[BATCH];
    struct sockaddr_in senders[BATCH];
};

struct ways *ways_open(int fd, const int *viewers, int count, int length) {
    struct ways *w = calloc(1, sizeof *w);
    w->fd = fd;
    w->count = count;
    w->length = length;
    w->viewers = calloc((size_t)count, sizeof *w->viewers);
    memcpy(w->viewers, viewers, (size_t)count * sizeof *viewers);
    w->addresses = calloc((size_t)count, sizeof *w->addresses);
    socklen_t size = sizeof w->own;
    getsockname(fd, (struct sockaddr *)&w->own, &size);
    for (int i = 0; i < count; i++) {
        size = sizeof w->addresses[i];
        getsockname(viewers[i], (struct sockaddr *)&w->addresses[i], &size);
    }
    for (int i = 0; i < BATCH; i++) {
        w->vectors[i].iov_base = w->slots[i];
        w->messages[i].msg_hdr = (struct msghdr){.msg_iov = &w->vectors[i], .msg_iovlen = 1};
    }
    return w;
}

int ways_connect(struct ways *w) {
    w->connected = calloc((size_t)w->count, sizeof *w->connected);
    for (int i = 0; i < w->count; i++) {
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
        w->connected[i] = fd;
        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0 ||
            bind(fd, (struct sockaddr *)&w->own, sizeof w->own) < 0 ||
            connect(fd, (struct sockaddr *)&w->addresses[i], sizeof w->addresses[i]) < 0)
            return -1;
    }
    return 0;
}

void ways_close(struct ways *w) {
    for (int i = 0; w->connected != NULL && i < w->count; i++)
        if (w->connected[i] > 0) close(w->connected[i]);
    free(w->connected);
    free(w->viewers);
    free(w->addresses);
    free(w);
}

int64_t ways_send(struct ways *w, int batch) {
    int64_t start = reference_thread_time();
    for (int i = 0; i < w->count; i += batch) {
        int made = w->count - i < batch ? w->count - i : batch;
        for (int k = 0; k < made; k++) {
            w->vectors[k].iov_len = (size_t)w->length;
            w->messages[k].msg_hdr.msg_name = &w->addresses[i + k];
            w->messages[k].msg_hdr.msg_namelen = sizeof *w->addresses;
        }
        if (sendmmsg(w->fd, w->messages, (unsigned)made, 0) != made) return -1;
    }
    return reference_thread_time() - start;
}

int64_t ways_send_connected(struct ways *w) {
    int64_t start = reference_thread_time();
    for (int i = 0; i < w->count; i++)
        if (send(w->connected[i], w->slots[0], (size_t)w->length, 0) < 0) return -1;
    return reference_thread_time() - start;
}

/// Of so many viewers, beginning with this one.
static int64_t ask(struct ways *w, int first, int count) {
    int64_t start = reference_thread_time();
    for (int i = first; i < first + count; i++)
        if (sendto(w->viewers[i], w->slots[0], 100, 0, (struct sockaddr *)&w->own, sizeof w->own) < 0) return -1;
    return reference_thread_time() - start;
}

static int64_t receive(struct ways *w, int count, int batch) {
    int64_t start = reference_thread_time();
    int received = 0, result;
    while ((result = recvmmsg(w->fd, w->messages, (unsigned)batch, MSG_DONTWAIT, NULL)) > 0) received += result;
    int64_t spent = reference_thread_time() - start;
    return received == count ? spent : -1;
}

int64_t ways_ask(struct ways *w) { return ask(w, 0, w->count); }

int64_t ways_receive(struct ways *w, int batch) {
    for (int k = 0; k < batch; k++) {
        w->vectors[k].iov_len = SLOT;
        w->messages[k].msg_hdr.msg_name = &w->senders[k];
        w->messages[k].msg_hdr.msg_namelen = sizeof *w->senders;
    }
    int64_t total = 0;
    // As many at once as a socket's buffer holds anywhere.
    for (int i = 0; i < w->count; i += BATCH) {
        int count = w->count - i < BATCH ? w->count - i : BATCH;
        int64_t spent = ask(w, i, count) < 0 ? -1 : receive(w, count, batch);
        if (spent < 0) return -1;
        total += spent;
    }
    return total;
}

void ways_drain(struct ways *w) {
    for (int i = 0; i < w->count; i++) reference_drain(w->viewers[i]);
    for (int i = 0; w->connected != NULL && i < w->count; i++) reference_drain(w->connected[i]);
    reference_drain(w->fd);
}
