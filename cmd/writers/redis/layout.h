/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_REDIS_LAYOUT_H
#define VSS_WRITER_REDIS_LAYOUT_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

/**
 * Where an instance keeps what it knows, and by which means: as the running server says it, as its own
 * configuration does, or as it was noted in a backup.
 */
struct layout {
	char *dir;     /* absolute */
	char *rdb;     /* name of the dump in it */
	char *aof;     /* name that the files of the append-only log begin with */
	char *aof_dir; /* name of the directory that they are in from Redis 7 on */
	char *nodes;   /* name of the cluster's own file; NULL: not a node of a cluster */
	bool aof_on;
	bool saves; /* it dumps by itself after so many changes */
};

/** All strings are owned; a layout of zeros is an empty one. */
void layout_clear(struct layout *l);
void layout_copy(struct layout *to, const struct layout *from);
/**
 * Can files be named by it?  VSS_INVALID: a directory that is not absolute, a name with a slash, a
 * wildcard.
 */
int layout_check(const struct layout *l, struct vss_err *err);

/** As text for the backup, and back; VSS_INVALID where it is none.  The caller frees the text. */
char *layout_note(const struct layout *l);
int layout_from_note(const char *text, struct layout *out, struct vss_err *err);

#endif
