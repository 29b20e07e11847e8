#ifndef GOLIVE_REFERENCE_H
#define GOLIVE_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

/// The least that sending packets to many viewers can cost: writes a header, seals with AES-128-GCM under each viewer's own
/// key, and hands 64 packets at a time to sendmmsg. It knows no tracks, no feedback and no losses.
struct reference;

/// A loop that sends `length` bytes, before sealing, from the UDP socket `fd` to each of `count` sockets of this machine.
/// With `cuts`, what one viewer gets at once is one message, which the kernel cuts up (UDP_SEGMENT).
struct reference *reference_open(int fd, const int *viewers, int count, int length, bool cuts);
void reference_close(struct reference *);
/// Sends `packets` packets to every viewer, one viewer after the other. The number of packets sent.
int64_t reference_send(struct reference *, int packets);

/// Processor time of the calling thread, user and system, in nanoseconds.
int64_t reference_thread_time(void);
/// Reads away what waits in a socket. The number of datagrams.
int reference_drain(int fd);
/// A UDP socket on a port of its own of 127.0.0.1. -1 with errno.
int reference_socket(uint16_t *port);

#endif
