#ifndef GOLIVE_CPREFETCH_H
#define GOLIVE_CPREFETCH_H

#include <stddef.h>

/// Asks the processor to fetch memory into its caches while it does something else. A hint: nothing is read, and any address
/// will do. Swift has no word for it.
static inline __attribute__((always_inline)) void golive_prefetch(const void *start, size_t count) {
    for (size_t offset = 0; offset < count; offset += 64) __builtin_prefetch((const char *)start + offset);
}

#endif
