#ifndef GOLIVE_ALLOCATIONS_H
#define GOLIVE_ALLOCATIONS_H

#include <stdbool.h>
#include <stdint.h>

/// Counts what a program takes from the heap, by standing in front of glibc's allocator. Only for tests and benchmarks.

/// False in programs whose allocator belongs to a sanitizer: then nothing is counted.
bool allocations_are_counted(void);
/// How many times the calling thread has taken memory from the heap.
uint64_t allocations_of_thread(void);

#endif
