/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_MODEL_DEPEND_H
#define VSS_MODEL_DEPEND_H

#include "base/err.h"
#include "model/components.h"

/**
 * Dependencies between components of different writers (C42..C46): choosing one forces those that it depends on.
 *
 * Circles between writers are followed once round and are no fault (C43: no order is meant).  A target that is not there, or
 * lies on another machine (C45, Q11), cannot be forced: it is reported.
 */
struct vss_depend_writer {
	const struct vss_metadata *m; /* NULL: it has no part */
	bool *wanted;		      /* m->ncomponents; set here for what others depend on */
	/* At a restore: what of it was backed up, so that the rules of selection for restore hold.  NULL: a backup. */
	const struct vss_bcd_writer *stored;
};
/**
 * Add to `wanted` until nothing more is forced.  A target that cannot be chosen by itself is had by choosing the closest
 * component that brings it.  What components that come with the wished ones depend on counts, too.  `missing` (may be NULL) is
 * told of each dependency that nobody can fulfil; it returns -1 with *err set to give up.  Fails also with VSS_USAGE as the
 * selection of a wish does.
 */
int vss_depend_follow(struct vss_depend_writer *v, size_t n,
	int (*missing)(void *ctx, const struct vss_metadata *m, const struct vss_component *c,
		const struct vss_dependency *d, bool remote, struct vss_err *err),
	void *ctx, struct vss_err *err);

#endif
