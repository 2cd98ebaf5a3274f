/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_FREEZES_H
#define VSS_REQUESTER_FREEZES_H

#include "base/err.h"
#include "model/set.h"

#include <stdint.h>

/**
 * How long the last sets took: for each writer (by its ID) from the question to freeze to the answer to thaw, for sets
 * without writers the commit, by "provider:NAME".  Kept in <state>/freezes, a line each: the key and up to
 * VSS_FREEZES_KEPT durations in microseconds, the last one last.  It is an aid to memory: what cannot be read is
 * forgotten, what cannot be written is not noted.
 */
#define VSS_FREEZES_KEPT 20

struct vss_freezes {
	struct vss_freezes_of {
		char *key;
		uint64_t us[VSS_FREEZES_KEPT];
		size_t n;
	} * v;
	size_t n, cap;
};
void vss_freezes_read(struct vss_freezes *f);
void vss_freezes_free(struct vss_freezes *f);
/** How many are known of this key, and their median in *us. */
size_t vss_freezes_median(const struct vss_freezes *f, const char *key, uint64_t *us);
/** Add those of a set that was made. */
void vss_freezes_note(const struct vss_set *set);

#endif
