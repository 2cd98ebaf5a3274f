/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_TREE_MIRROR_H
#define VSS_TREE_MIRROR_H

#include "base/err.h"

#include <stdint.h>

struct vss_mirror_report {
	uint64_t removed; /* entries that only the destination had */
	uint64_t put;	  /* files, links and nodes that were put back */
	uint64_t kept;	  /* files whose content was the same already */
};

/**
 * Make the tree below `dstfd` what the tree below `srcfd` is: what only the destination has is removed, files whose content
 * differs are put anew (blocks shared where the file system can), all get the attributes, holes, hard links and times that the
 * source shows.  Everything goes through vss_put and the openat2 helper: no link is followed, and a file has its old content or
 * its new one at any moment.  What lies on other file systems, shadow storage with the directories above it, and lost+found are
 * left alone, and so is the directory `spare` (a clean relative path; NULL: none) with all that is in it.  Not synced to disk.
 * Cut short or failed, it can be begun again from the start; what was done stays done.
 */
int vss_mirror_tree(int srcfd, int dstfd, const char *spare, struct vss_mirror_report *report, struct vss_err *err);

#endif
