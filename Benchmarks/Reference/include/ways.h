#ifndef GOLIVE_WAYS_H
#define GOLIVE_WAYS_H

#include <stdint.h>

/// The ways in which datagrams get from one port to many viewers and back, without anything else: what decided how the relay
/// sends and receives. Times are of the calling thread's processor, in nanoseconds, for all viewers together; -1 when
/// something was not sent or did not come.
struct ways;

/// - `fd`: the server's socket, bound with SO_REUSEPORT. `viewers`: bound sockets of this machine. Both outlive the result.
/// - `length`: bytes of a packet.
struct ways *ways_open(int fd, const int *viewers, int count, int length);
/// From now on each viewer has a socket of its own on the server's port as well, connected to it. 0, or -1 with errno.
int ways_connect(struct ways *);
void ways_close(struct ways *);

/// A packet to each viewer from the server's socket, so many at a time (sendmmsg).
int64_t ways_send(struct ways *, int batch);
/// A packet to each viewer from the socket that is connected to it.
int64_t ways_send_connected(struct ways *);
/// A datagram from each viewer to the server's port. On one machine the sender pays for the kernel's search for the socket.
int64_t ways_ask(struct ways *);
/// Takes such datagrams out of the server's socket, so many at a time (recvmmsg). Not once it is connected.
int64_t ways_receive(struct ways *, int batch);
/// Reads away what waits anywhere.
void ways_drain(struct ways *);

#endif
