/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_REVERT_H
#define VSS_FRONT_REVERT_H

#include "front/front.h"
#include "model/set.h"

#include <stdbool.h>

/** Putting a volume back to a shadow copy, with what is said about it. */
struct vss_front_revert {
	const char *id;
	bool force, at_boot;
	enum vss_front_shape shape;
	/** Asked before anything is changed; false: nothing is, and that is no failure.  Or NULL. */
	bool (*confirm)(void *ctx, const struct vss_shadow *s);
	void *ctx;
	bool dry_run, json, quiet;
};
int vss_front_revert_shadow(const struct vss_front_revert *r, struct vss_err *err);

/** Reverts that are not over, of one volume or (NULL) of all: text, or JSON, a list of {id, set_id, volume, volume_id, running}. */
int vss_front_open_reverts(const char *volume, bool json, struct vss_err *err);

#endif
