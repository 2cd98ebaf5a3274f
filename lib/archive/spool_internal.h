/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_SPOOL_INTERNAL_H
#define VSS_ARCHIVE_SPOOL_INTERNAL_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/**
 * What is too big for memory waits here: an unlinked file of small compressed chunks, written from
 * front to back and read back by any number of cursors, once all was put.  What fits into one chunk
 * never sees a file.  Private to this room.
 */
struct vss_spool;

/** @dirfd the directory to lie in, or -1: $TMPDIR, else /var/tmp; it must stay open until the spool
 * is gone. */
struct vss_spool *vss_spool_new(int dirfd);
void vss_spool_free(struct vss_spool *s);

int vss_spool_put(struct vss_spool *s, const void *p, size_t n, struct vss_err *err);
/** *mark is where a cursor finds what is put next. */
int vss_spool_mark(struct vss_spool *s, uint64_t *mark, struct vss_err *err);
uint64_t vss_spool_bytes(const struct vss_spool *s); /* all that was put */

struct vss_spool_cursor;
struct vss_spool_cursor *vss_spool_read_from(struct vss_spool *s, uint64_t mark); /* the spool must outlive it */
void vss_spool_cursor_free(struct vss_spool_cursor *c);
/** Up to `n` bytes as they lie in memory, valid until the next call; *got is 0 at the end. */
int vss_spool_peek(struct vss_spool_cursor *c, size_t n, const void **p, size_t *got, struct vss_err *err);
/** Exactly `n` bytes: 1; 0 when the spool ends before the first of them; an end in their middle is
 * VSS_CORRUPT. */
int vss_spool_get(struct vss_spool_cursor *c, void *p, size_t n, struct vss_err *err);

#endif
