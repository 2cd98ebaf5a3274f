/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_SELECT_H
#define VSS_FRONT_SELECT_H

#include "base/err.h"
#include "front/front.h"
#include "model/set.h"

/**
 * Which shadow copies are meant: the wishes combine (vssadmin's /For, /Shadow, /Set); none means all.
 */
struct vss_front_wish {
	const char *volume;	    /* as users name volumes; one that is gone by the mount point or ID that it had */
	const char *shadow, *set;   /* IDs or unique prefixes */
	enum vss_front_shape shape; /* whose names for these words messages have */
};

/** Shadow copies out of a list of sets that outlives this: oldest set first, those of one set side by side. */
struct vss_front_found {
	struct vss_front_pick {
		struct vss_set *set;
		size_t index; /* into set->shadows */
	} * v;
	size_t n, cap;
};
void vss_front_found_free(struct vss_front_found *f);

/** Nothing found is no failure.  VSS_USAGE for words that cannot be IDs, VSS_INVALID for a prefix that fits several,
 * VSS_ABSENT or VSS_E_OBJECT_NOT_FOUND for a volume that is not there and of which nothing is kept. */
int vss_front_find(const struct vss_set_list *sets, const struct vss_front_wish *wish, struct vss_front_found *out,
	struct vss_err *err);
/** Add what the word names: a shadow copy, or all of a set.  VSS_E_OBJECT_NOT_FOUND when it is neither. */
int vss_front_find_word(
	const struct vss_set_list *sets, const char *word, struct vss_front_found *out, struct vss_err *err);
/** Add the one that is exposed at `path`, or by `share`.  VSS_E_OBJECT_NOT_FOUND when there is none. */
int vss_front_find_exposed(const struct vss_set_list *sets, const char *path, const char *share,
	struct vss_front_found *out, struct vss_err *err);

#endif
