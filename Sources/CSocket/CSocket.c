#define _GNU_SOURCE
#include "CSocket.h"

#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

_Static_assert(sizeof(struct golive_message) == sizeof(struct mmsghdr), "same layout as mmsghdr");

int golive_recvmmsg(int fd, struct golive_message *messages, unsigned int count, int flags) {
    return recvmmsg(fd, (struct mmsghdr *)messages, count, flags, NULL);
}

int golive_sendmmsg(int fd, struct golive_message *messages, unsigned int count, int flags) {
    return sendmmsg(fd, (struct mmsghdr *)messages, count, flags);
}

int golive_enable_receive_timestamps(int fd) {
    int on = 1;
    return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

int64_t golive_receive_timestamp(const struct golive_message *message) {
    struct msghdr *header = (struct msghdr *)&message->header;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec t;
            memcpy(&t, CMSG_DATA(c), sizeof t);
            return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
        }
    }
    return 0;
}

int golive_control_size(void) { return (int)CMSG_SPACE(sizeof(struct timespec)); }

int golive_segment_control_size(void) { return (int)CMSG_SPACE(sizeof(uint16_t)); }

int golive_cuts_messages(int fd) {
    int none = 0;
    return setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &none, sizeof none) == 0;
}

void golive_set_segment_size(struct golive_message *message, void *control, uint16_t size) {
    message->header.msg_control = control;
    message->header.msg_controllen = CMSG_SPACE(sizeof size);
    struct cmsghdr *c = CMSG_FIRSTHDR((struct msghdr *)&message->header);
    c->cmsg_level = IPPROTO_UDP;
    c->cmsg_type = UDP_SEGMENT;
    c->cmsg_len = CMSG_LEN(sizeof size);
    memcpy(CMSG_DATA(c), &size, sizeof size);
}

int golive_wait_readable(int fd, int64_t nanoseconds) {
    struct pollfd what = {.fd = fd, .events = POLLIN};
    struct timespec limit = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    return ppoll(&what, 1, &limit, NULL);
}

int golive_udp_socket(int family) {
    int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    int on = 1, size = 4 << 20;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0) {
        close(fd);
        return -1;
    }
    // More than the default where the system's limit allows; less is not an error.
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    return fd;
}

int golive_tcp_socket(int family) {
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

int golive_accept_both_families(int fd) {
    int off = 0;
    return setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
}

int golive_accept(int fd, struct sockaddr *address, socklen_t *length, int unsent) {
    int accepted = accept4(fd, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0) return -1;
    int on = 1;
    setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(accepted, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    return accepted;
}

int golive_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

void golive_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

static int64_t read_clock(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t golive_monotonic_time(void) { return read_clock(CLOCK_MONOTONIC); }

int64_t golive_wall_time(void) { return read_clock(CLOCK_REALTIME); }

int64_t golive_processor_time(int process) {
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &t) != 0) return -1;
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
