/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_TABLE_INTERNAL_H
#define VSS_ARCHIVE_TABLE_INTERNAL_H

#include "archive/format_internal.h"

/**
 * A hash table of records of one length, each beginning with its key, a digest.  Records and slots lie in unlinked files;
 * memory holds the last few records and a line of slots, however many there are.  Private to this room.
 */
struct vss_table;

/** @dirfd as for a spool.  `record` is the length of one, key and all; `slots` a power of 2, to begin with. */
struct vss_table *vss_table_new(int dirfd, size_t record, uint64_t slots, struct vss_err *err);
void vss_table_free(struct vss_table *t); /* NULL is fine */
/** 1: put; 0: its key is there already, and nothing was put; -1. */
int vss_table_put(struct vss_table *t, const unsigned char *record, struct vss_err *err);
/** 1 with the record in `out`; 0: there is none with this key; -1. */
int vss_table_find(struct vss_table *t, const unsigned char key[VSS_DIGEST], unsigned char *out, struct vss_err *err);
uint64_t vss_table_count(const struct vss_table *t);

#endif
