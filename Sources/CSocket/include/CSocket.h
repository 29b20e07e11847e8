#ifndef GOLIVE_CSOCKET_H
#define GOLIVE_CSOCKET_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>

// The Linux socket calls and macros that Swift's Glibc module does not show, and the clock (whose struct timespec
// several modules claim). No logic.

/// One message of a batch: glibc's struct mmsghdr, which is hidden without _GNU_SOURCE.
struct golive_message {
    struct msghdr header;
    unsigned int length;
};

int golive_recvmmsg(int fd, struct golive_message *messages, unsigned int count, int flags);
int golive_sendmmsg(int fd, struct golive_message *messages, unsigned int count, int flags);

/// Asks the kernel to stamp what it receives (SO_TIMESTAMPNS). 0, or -1 with errno.
int golive_enable_receive_timestamps(int fd);
/// The kernel's receive time of a message in nanoseconds since 1970 (CLOCK_REALTIME), 0 without a stamp.
int64_t golive_receive_timestamp(const struct golive_message *message);
/// Bytes that a control buffer must have for `golive_receive_timestamp`.
int golive_control_size(void);

/// Makes one message of a batch several datagrams, each of `size` bytes and the last of what is left (UDP_SEGMENT).
/// `control` is memory of `golive_segment_control_size`, aligned to 8, that stays until the message is sent.
void golive_set_segment_size(struct golive_message *message, void *control, uint16_t size);
int golive_segment_control_size(void);
/// Whether the kernel knows UDP_SEGMENT; one that does not would send such a message as one datagram.
int golive_cuts_messages(int fd);

/// Waits for something to read, at most so many nanoseconds. 1, 0 when nothing came, or -1 with errno.
int golive_wait_readable(int fd, int64_t nanoseconds);

/// A non-blocking UDP socket with SO_REUSEPORT and large buffers, not bound yet. -1 with errno.
int golive_udp_socket(int family);

/// A non-blocking TCP socket with SO_REUSEPORT and SO_REUSEADDR, not bound yet. -1 with errno.
int golive_tcp_socket(int family);
/// Lets an IPv6 socket that is bound to :: receive from IPv4 peers too, whatever the system's default. 0, or -1.
int golive_accept_both_families(int fd);
/// The next connection of a listener, non-blocking, without Nagle's delay, and with at most `unsent` bytes in the kernel
/// that the peer's window keeps from being sent (TCP_NOTSENT_LOWAT). -1 with errno.
int golive_accept(int fd, struct sockaddr *address, socklen_t *length, int unsent);

/// A non-blocking eventfd. -1 with errno.
int golive_eventfd(void);
/// Nanoseconds of CLOCK_MONOTONIC, and of CLOCK_REALTIME since 1970.
int64_t golive_monotonic_time(void);
int64_t golive_wall_time(void);
/// Nanoseconds of processor time that a process has used since it began; -1 when there is no such process.
int64_t golive_processor_time(int process);
/// Names the calling thread for debuggers and top; 15 characters.
void golive_name_thread(const char *name);

#endif
