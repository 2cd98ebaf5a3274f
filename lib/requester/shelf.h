/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_SHELF_H
#define VSS_REQUESTER_SHELF_H

#include "base/err.h"
#include "model/components.h"

/**
 * The archives that lie in a directory, known by their components documents alone: for finding what an increment builds
 * on, and what may be built on.
 */
struct vss_shelf_archive {
	char *path;
	struct vss_bcd *bcd; /* NULL: it cannot be read */
	char *problem;	     /* then why */
};
struct vss_shelf {
	char *dir;
	struct vss_shelf_archive *v; /* in the order of their names */
	size_t n, cap;
};

/** Every *.tar.zst in it, not recursive. */
int vss_shelf_read(struct vss_shelf *s, const char *dir, struct vss_err *err);
/** The archive of this backup, or NULL.  `hint` (or NULL): the name that it may have there, whatever that ends in. */
const struct vss_shelf_archive *vss_shelf_find(struct vss_shelf *s, const struct vss_uuid *backup_id, const char *hint);
void vss_shelf_clear(struct vss_shelf *s);

#endif
