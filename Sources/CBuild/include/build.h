#ifndef SECKILL_BUILD_H
#define SECKILL_BUILD_H

/* The commit that this was built from, or "unknown". Lives as long as the process. */
const char *seckill_commit(void);

#endif
