// A bad line between two TUN devices, for kernels without tc-netem.
//
// usage: impair NEAR FAR SEED
//
// Creates the devices NEAR and FAR and carries IP packets between them: "up" from FAR to NEAR, "down" from NEAR to FAR.
// A packet waits for the line (a bounded queue, drop-tail), takes its time on it (rate), may be lost there (random, or in
// bursts after Gilbert), then flies (delay, jitter). Packets never overtake each other. The line is controlled by lines on
// standard input, each answered by one line on standard output; it ends with its standard input.
//
//   up|down|both KEY=VALUE…   delay, jitter: ms. loss: percent. burst: mean length of a loss in packets, 0 for independent
//                             losses. rate: bit/s of IP packets, 0 for no limit. queue: ms of the rate. Answer: ok, or error …
//   counters                  Answer: the counters of both directions as JSON.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

typedef int64_t nanoseconds;

enum {
    packet_size = 2048,
    // Packets a direction holds at most, waiting and in flight: 16 MiB.
    packets_held = 8192,
    packets_per_turn = 64,
    command_size = 1024,
};
static const nanoseconds millisecond = 1000000;
static const nanoseconds second = 1000000000;

struct packet {
    struct packet *next;
    nanoseconds arrived;
    nanoseconds due;
    size_t length;
    uint8_t bytes[packet_size];
};

struct fifo {
    struct packet *first, *last;
    size_t bytes;
};

struct settings {
    double delay, jitter, loss, burst, rate, queue;
};

struct line {
    const char *name;
    int from, to;
    struct settings settings;
    struct fifo waiting, flying;
    nanoseconds free_at;
    nanoseconds last_due;
    bool losing;
    size_t held;
    uint64_t received, delivered, delivered_bytes, lost, overflowed;
};

static uint64_t random_state;

/// In 0..<1 (splitmix64).
static double random_share(void) {
    uint64_t z = random_state += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

static nanoseconds clock_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * second + time.tv_nsec;
}

static void push(struct fifo *fifo, struct packet *packet) {
    packet->next = NULL;
    if (fifo->last)
        fifo->last->next = packet;
    else
        fifo->first = packet;
    fifo->last = packet;
    fifo->bytes += packet->length;
}

static struct packet *pop(struct fifo *fifo) {
    struct packet *packet = fifo->first;
    fifo->first = packet->next;
    if (!fifo->first)
        fifo->last = NULL;
    fifo->bytes -= packet->length;
    return packet;
}

static void let_go(struct line *line, struct packet *packet) {
    free(packet);
    line->held--;
}

static bool has_room(const struct line *line, size_t length) {
    if (line->held >= packets_held)
        return false;
    double room = line->settings.rate / 8 * line->settings.queue / 1000;
    // An empty queue takes a packet, however short the queue is.
    return line->settings.rate == 0 || !line->waiting.first || line->waiting.bytes + length <= room;
}

static void receive(struct line *line, nanoseconds now) {
    for (int turn = 0; turn < packets_per_turn; turn++) {
        struct packet *packet = malloc(sizeof *packet);
        if (!packet)
            abort();
        ssize_t length = read(line->from, packet->bytes, sizeof packet->bytes);
        if (length <= 0) {
            free(packet);
            return;
        }
        line->received++;
        if (!has_room(line, (size_t)length)) {
            line->overflowed++;
            free(packet);
            continue;
        }
        packet->length = (size_t)length;
        packet->arrived = now;
        push(&line->waiting, packet);
        line->held++;
    }
}

/// Independent losses, or Gilbert's two states: everything is lost in the one, nothing in the other.
static bool loses_next(struct line *line) {
    double loss = line->settings.loss / 100, burst = line->settings.burst;
    if (burst == 0 || loss == 0 || loss == 1)
        return random_share() < loss;
    double change = line->losing ? 1 / burst : loss / (burst * (1 - loss));
    if (random_share() < change)
        line->losing = !line->losing;
    return line->losing;
}

/// Takes what waits onto the line as it becomes free.
static void transmit(struct line *line, nanoseconds now) {
    while (line->waiting.first && line->free_at <= now) {
        struct packet *packet = pop(&line->waiting);
        nanoseconds start = packet->arrived > line->free_at ? packet->arrived : line->free_at;
        double rate = line->settings.rate;
        line->free_at = start + (rate > 0 ? (nanoseconds)((double)packet->length * 8 / rate * (double)second) : 0);
        if (loses_next(line)) {
            line->lost++;
            let_go(line, packet);
            continue;
        }
        double flight = line->settings.delay + line->settings.jitter * (2 * random_share() - 1);
        packet->due = line->free_at + (flight > 0 ? (nanoseconds)(flight * (double)millisecond) : 0);
        if (packet->due < line->last_due)
            packet->due = line->last_due;
        line->last_due = packet->due;
        push(&line->flying, packet);
    }
}

static void deliver(struct line *line, nanoseconds now) {
    while (line->flying.first && line->flying.first->due <= now) {
        struct packet *packet = pop(&line->flying);
        // A device that is down refuses: then the packet is lost like on any line.
        if (write(line->to, packet->bytes, packet->length) == (ssize_t)packet->length) {
            line->delivered++;
            line->delivered_bytes += packet->length;
        } else {
            line->lost++;
        }
        let_go(line, packet);
    }
}

static nanoseconds next_event(const struct line *line, nanoseconds latest) {
    nanoseconds next = latest;
    if (line->waiting.first && line->free_at < next)
        next = line->free_at;
    if (line->flying.first && line->flying.first->due < next)
        next = line->flying.first->due;
    return next;
}

/// NULL, or what is wrong with the text.
static const char *parse_settings(char *text, struct settings *settings) {
    for (char *word; (word = strsep(&text, " "));) {
        if (!*word)
            continue;
        char *value = strchr(word, '='), *end;
        if (!value)
            return "a setting is KEY=VALUE";
        *value++ = 0;
        double number = strtod(value, &end);
        if (end == value || *end || !(number >= 0 && number <= 1e12))
            return "a value is a number from 0 on";
        double *target = !strcmp(word, "delay")    ? &settings->delay
                         : !strcmp(word, "jitter") ? &settings->jitter
                         : !strcmp(word, "loss")   ? &settings->loss
                         : !strcmp(word, "burst")  ? &settings->burst
                         : !strcmp(word, "rate")   ? &settings->rate
                         : !strcmp(word, "queue")  ? &settings->queue
                                                   : NULL;
        if (!target)
            return "unknown setting";
        *target = number;
    }
    double loss = settings->loss / 100;
    if (loss > 1)
        return "loss is at most 100";
    if (settings->delay + settings->jitter > 60000)
        return "delay and jitter are at most a minute";
    if (settings->burst > 0 && settings->burst < 1)
        return "burst is 0, or at least 1 packet";
    if (settings->burst > 0 && loss < 1 && loss / (1 - loss) > settings->burst)
        return "bursts this short cannot add up to this loss";
    return NULL;
}

static void print_counters(const struct line *line) {
    printf("\"%s\": {\"received\": %" PRIu64 ", \"delivered\": %" PRIu64 ", \"delivered_bytes\": %" PRIu64
           ", \"lost\": %" PRIu64 ", \"overflowed\": %" PRIu64 ", \"held\": %zu}",
           line->name, line->received, line->delivered, line->delivered_bytes, line->lost, line->overflowed, line->held);
}

static void obey(char *command, struct line lines[2]) {
    char *verb = strsep(&command, " ");
    if (!strcmp(verb, "counters")) {
        printf("{");
        print_counters(&lines[0]);
        printf(", ");
        print_counters(&lines[1]);
        printf("}\n");
        return;
    }
    bool chosen[2], any = false;
    struct settings settings[2];
    for (int index = 0; index < 2; index++) {
        chosen[index] = !strcmp(verb, "both") || !strcmp(verb, lines[index].name);
        any |= chosen[index];
        settings[index] = lines[index].settings;
        char copy[command_size];
        snprintf(copy, sizeof copy, "%s", command ? command : "");
        const char *error = chosen[index] ? parse_settings(copy, &settings[index]) : NULL;
        if (error) {
            printf("error %s\n", error);
            return;
        }
    }
    for (int index = 0; index < 2; index++)
        if (chosen[index])
            lines[index].settings = settings[index];
    puts(any ? "ok" : "error unknown command");
}

/// Reads what is there; false at its end.
static bool read_commands(struct line lines[2]) {
    static char text[command_size];
    static size_t used;
    ssize_t count = read(STDIN_FILENO, text + used, sizeof text - used - 1);
    if (count <= 0)
        return false;
    used += (size_t)count;
    text[used] = 0;
    for (char *end; (end = memchr(text, '\n', used));) {
        *end = 0;
        obey(text, lines);
        used -= (size_t)(end + 1 - text);
        memmove(text, end + 1, used + 1);
    }
    return used < sizeof text - 1;
}

static int open_device(const char *name) {
    int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    if (device < 0 || ioctl(device, TUNSETIFF, &request) != 0) {
        fprintf(stderr, "TUN device %s: %s\n", name, strerror(errno));
        exit(1);
    }
    return device;
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: impair NEAR FAR SEED\n");
        return 2;
    }
    int near = open_device(arguments[1]), far = open_device(arguments[2]);
    random_state = strtoull(arguments[3], NULL, 10);
    struct line lines[2] = {
        {.name = "up", .from = far, .to = near, .settings.queue = 200},
        {.name = "down", .from = near, .to = far, .settings.queue = 200},
    };
    setvbuf(stdout, NULL, _IOLBF, 0);
    // Sleeps end on time, and before busy browsers get their turn where that is allowed.
    prctl(PR_SET_TIMERSLACK, 1);
    sched_setscheduler(0, SCHED_RR, &(struct sched_param){.sched_priority = 1});
    puts("ready");
    for (;;) {
        nanoseconds now = clock_now();
        for (int index = 0; index < 2; index++) {
            transmit(&lines[index], now);
            deliver(&lines[index], now);
        }
        nanoseconds next = next_event(&lines[1], next_event(&lines[0], now + second));
        nanoseconds wait = next > now ? next - now : 0;
        struct pollfd polled[3] = {{far, POLLIN, 0}, {near, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
        ppoll(polled, 3, &(struct timespec){wait / second, wait % second}, NULL);
        now = clock_now();
        for (int index = 0; index < 2; index++) {
            // The device is gone, with its namespace.
            if (polled[index].revents & (POLLERR | POLLNVAL))
                return 1;
            if (polled[index].revents & POLLIN)
                receive(&lines[index], now);
        }
        if (polled[2].revents && !read_commands(lines))
            return 0;
    }
}
