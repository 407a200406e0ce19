#include "build.h"

#ifndef SECKILL_COMMIT
#define SECKILL_COMMIT "unknown"
#endif

const char *seckill_commit(void) { return SECKILL_COMMIT; }
