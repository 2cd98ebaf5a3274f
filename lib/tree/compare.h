/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TREE_COMPARE_H
#define VSS_TREE_COMPARE_H

#include "base/err.h"

#include <stdbool.h>

/** How one entry differs between tree A and tree B.  Bits, so that they can be chosen. */
enum vss_difference {
	VSS_DIFFER_ONLY_A = 1, /* not in B; what lies below is not reported */
	VSS_DIFFER_ONLY_B = 2,
	VSS_DIFFER_TYPE = 4,	/* file, directory, link ...: nothing else is compared then */
	VSS_DIFFER_CONTENT = 8, /* of regular files: size or bytes; a hole equals zeros */
	VSS_DIFFER_MODE = 16,
	VSS_DIFFER_OWNER = 32,	  /* user or group */
	VSS_DIFFER_MTIME = 64,	  /* nanoseconds count */
	VSS_DIFFER_XATTRS = 128,  /* names or values; ACLs and capabilities are among them */
	VSS_DIFFER_LINKS = 256,	  /* which names are one file */
	VSS_DIFFER_DEVICE = 512,  /* numbers of a device node */
	VSS_DIFFER_TARGET = 1024, /* of a symbolic link */
	VSS_DIFFER_ALL = 2047
};

struct vss_compare_options {
	unsigned what; /* VSS_DIFFER_* to report; 0: all */
	/** One entry and one kind of difference; `path` relative, "" for the root.  -1 stops with *err. */
	int (*differ)(void *ctx, const char *path, enum vss_difference how, struct vss_err *err);
	void *ctx;
};

/**
 * Compare the trees below two directories (O_PATH will do); nothing is written, no link is followed.  Shadow storage is skipped, other file systems
 * count as empty directories.  Differences come in the order of the paths, those that only B has afterwards.  -1 when something could not be read, or
 * `differ` said so.
 */
int vss_compare_trees(int afd, int bfd, const struct vss_compare_options *o, struct vss_err *err);

/** "content", "hard links" ... */
const char *vss_difference_name(enum vss_difference how);

#endif
