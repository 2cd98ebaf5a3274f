/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_POSTGRESQL_WAL_H
#define VSS_WRITER_POSTGRESQL_WAL_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * Segments of the write-ahead log: files named TTTTTTTTHHHHHHHHLLLLLLLL, timeline and number in hexadecimal.
 */
#define WAL_NAME_LEN 24

/** Does `name` begin with the name of a segment; `whole`: and is nothing more? */
bool wal_is_segment(const char *name, bool whole);
/** Is it something that a directory of write-ahead log holds: segments, histories, its own directories? */
bool wal_belongs(const char *name);
/**
 * The names from `first` to `last`, both of one timeline, for segments of `bytes`. VSS_INVALID when they
 * are not in order, or more than a million.
 */
int wal_names(const char *first, const char *last, uint64_t bytes, struct vss_strv *out, struct vss_err *err);
/**
 * Copy these segments from directory `from` into the empty directory `to`. Afterwards each is seen to be
 * the one of its name: a server renames old segments and writes over them. VSS_ABSENT: one is gone;
 * VSS_CORRUPT: one is another's.
 */
int wal_copy(const char *from, const char *to, const struct vss_strv *names, uint64_t bytes, struct vss_err *err);

#endif
