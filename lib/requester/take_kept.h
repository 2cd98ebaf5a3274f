/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_TAKE_KEPT_H
#define VSS_REQUESTER_TAKE_KEPT_H

#include "requester/take_file.h"

/**
 * Put what the archive need not have whole: a line for what is as it was, the ranges that a writer named.  1: that was
 * it; 0: the entry is to be taken; -1.
 */
int vss_take_kept(struct vss_taking *t, struct vss_taking_entry *x, struct vss_err *err);

/** The ranges files that writers named, which come before the files that they speak of (B52). */
int vss_take_ranges_files(struct vss_taking *t, struct vss_err *err);
/** The ranges of a partial file, and the line that says where the rest of it is: 1 or -1. */
int vss_take_ranges(
	struct vss_taking *t, struct vss_taking_entry *x, const struct vss_archive_node *base, struct vss_err *err);

#endif
