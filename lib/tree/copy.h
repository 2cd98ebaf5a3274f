/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TREE_COPY_H
#define VSS_TREE_COPY_H

#include "base/err.h"
#include "tree/attr.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** One piece of a file that holds data (everything between pieces is a hole). */
struct vss_extent {
	uint64_t at, len;
};
struct vss_extents {
	struct vss_extent *v;
	size_t n, cap;
};
void vss_extents_free(struct vss_extents *x);
/** The data map by SEEK_DATA/SEEK_HOLE; a file without holes is one piece. Does not move the offset for others. `max` pieces at most: beyond that neighbours are joined (holes lost, data never). */
int vss_extents_of(int fd, uint64_t size, size_t max, struct vss_extents *out, struct vss_err *err);

/** Copy content with its holes; a reflink where both lie on one file system that can. `out` is empty before. */
int vss_copy_data(int in, int out, uint64_t size, struct vss_err *err);

struct vss_copy_report {
	uint64_t files, bytes; /* copied */
	uint64_t changed;      /* files that changed while they were read (clone: fdatasync, stat, copy, stat differed) */
};
struct vss_copy_options {
	const char *const *only; /* NULL: everything; else clean relative paths (files or whole directories) and the directories above them */
	size_t nonly;
	bool check;		 /* fdatasync each file, stat before and after, count what changed (clone provider) */
	int (*poll)(void *ctx, struct vss_err *err); /* called now and then (every file and every 8 MiB); -1 stops. Optional. */
	void *ctx;
};

/**
 * Copy the tree below `srcfd` into the empty directory `dstfd`: types, content, holes, owners, modes, xattrs, ACLs, capabilities, times with
 * nanoseconds, hard links among copied files.  Shadow storage is skipped, other file systems are empty directories.
 */
int vss_copy_tree(int srcfd, int dstfd, const struct vss_copy_options *o, struct vss_copy_report *report, struct vss_err *err);

#endif
