#include <stdint.h>

/// How often this process asked the heap for memory so far.
uint64_t allocation_count(void);
