/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_CONVERT_H
#define VSS_REQUESTER_CONVERT_H

#include "archive/member.h"
#include "archive/state.h"
#include "tree/attr.h"
#include "tree/copy.h"

/** A file's attributes as an archive member at `path` (without a leading slash). Takes what `a` owns. */
void vss_member_of_attr(struct vss_member *m, const char *path, struct vss_attr *a);
/** Where the data of a regular file is. */
void vss_member_set_map(struct vss_member *m, const struct vss_extents *x);
/** A regular file as a base has it. */
void vss_member_of_node(struct vss_member *m, const char *path, const struct vss_archive_node *node);
/**
 * And back: borrows everything from `m`, to be used while it lives; free nothing of it but `xattrs` itself
 * (the array).
 */
void vss_attr_of_member(struct vss_attr *a, const struct vss_member *m);

#endif
