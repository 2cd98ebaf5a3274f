/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_POOL_INTERNAL_H
#define VSS_ARCHIVE_POOL_INTERNAL_H

#include "base/err.h"

#include <stdbool.h>

/**
 * A bounded pool of threads whose results come back in the order in which the work was given.
 * Private to this room.  All calls but the work itself are made by one thread, the owner's; the
 * threads block all signals.
 */
struct vss_pool;

/** The work on one item; `worker` counts from 0: for things that a thread has of its own.  Results
 * and errors go into the item. */
typedef void vss_pool_work(void *ctx, unsigned worker, void *item);

/** @slots how many items may be under way. */
struct vss_pool *vss_pool_new(unsigned threads, unsigned slots, vss_pool_work *work, void *ctx, struct vss_err *err);
bool vss_pool_is_full(const struct vss_pool *p);
void vss_pool_give(struct vss_pool *p, void *item); /* not when full */
void *vss_pool_take(struct vss_pool *p);	    /* the oldest, once it is done; NULL when nothing is under way */
void vss_pool_free(struct vss_pool *p);		    /* what has not begun is dropped; what runs is waited for */

/* Used unasked: with two buffers for each, and a few to spare, all stays below 96 MiB. */
#define VSS_POOL_THREADS 6u

/** Processors that we may use, but at most `most`. */
unsigned vss_pool_threads(unsigned most);

#endif
