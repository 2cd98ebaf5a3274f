/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_PROVIDER_CLONE_INTERNAL_H
#define VSS_PROVIDER_CLONE_INTERNAL_H

#include "base/err.h"
#include "base/str.h"
#include "provider/provider.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/*
 * The clone provider: clone.c (the phases), clone_copy.c (the copy of one volume), clone_room.c (what
 * a copy takes), clone_look.c (looks at a source), clone_known.c (storage that no scan would find).
 */

/* clone_copy.c */

/**
 * Make the copy of the volume `v` of `ps` in the directory `shadow_dirfd`, and fill in what `v` has of
 * it.  After a failure a part of the copy is there.
 */
int vss_clone_copy(
	const struct vss_provider_set *ps, struct vss_provider_volume *v, int shadow_dirfd, struct vss_err *err);

/* clone_room.c */

/** Bytes that the copy of `v` will take in the storage `storefd`: none where blocks can be shared. */
int vss_clone_need(const struct vss_provider_volume *v, int storefd, uint64_t *bytes, struct vss_err *err);

/* clone_look.c.  Of the volume they look at what is needed of it. */

/** Bytes that the files of the source take on disk. */
int vss_clone_measure(int rootfd, const struct vss_provider_volume *v, uint64_t *bytes, struct vss_err *err);

/** A moment as file systems see it: their times come from a clock that stands still for a tick. */
struct vss_clone_moment {
	struct timespec at;
	int64_t tick_ns;
};
void vss_clone_now(struct vss_clone_moment *m);
/**
 * Could a file with this change time have been changed at `m` or later?  Whole seconds are the time
 * of a coarse file system.
 */
bool vss_clone_is_later(const struct timespec *changed, const struct vss_clone_moment *m);
/** Wait until what has been changed up to now is told from what is changed next. */
void vss_clone_let_tick(void);
/**
 * Look at everything that was copied once more: has anything changed since `m`, files gone and come
 * included?  Directories on the way to chosen paths do not count: what is beside these may change.
 * Nor does what could not be read the first time either: its content is not in the copy.
 */
int vss_clone_still(int rootfd, const struct vss_provider_volume *v, const struct vss_clone_moment *m, bool *still,
	struct vss_err *err);

/* clone_known.c: <state>/storage holds a link to each storage place that is no volume's root. */
int vss_clone_remember(const char *place, struct vss_err *err);
void vss_clone_forget(const char *place);
int vss_clone_known(struct vss_strv *places, struct vss_err *err);

#endif
