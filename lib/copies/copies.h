/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_COPIES_COPIES_H
#define VSS_COPIES_COPIES_H

#include "base/err.h"
#include "base/uuid.h"
#include "model/set.h"

#include <stdbool.h>

/**
 * The life of finished shadow copies: list, find, surface, expose, delete, reap.
 */

/**
 * Every set on this machine, oldest first: a scan of all places that can be seen, and from the cache what
 * cannot be looked at now (not mounted, or no privilege: then vss_info says so); with `exposed` filled in.
 * *out is zeroed memory.
 */
int vss_copies_list(struct vss_set_list *out, struct vss_err *err);

/**
 * Find by ID or unique prefix of 8 or more digits, braces optional: a shadow copy (*set, *index) or a set.
 * VSS_E_OBJECT_NOT_FOUND; VSS_USAGE when the word is neither, VSS_INVALID when it fits several.
 */
int vss_copies_find_shadow(
	const struct vss_set_list *l, const char *word, struct vss_set **set, size_t *index, struct vss_err *err);
int vss_copies_find_set(const struct vss_set_list *l, const char *word, struct vss_set **set, struct vss_err *err);

/** Make the device path of a copy readable (again). */
int vss_copies_surface(const struct vss_shadow *s, struct vss_err *err);
/** What may be exposed besides persistent copies that are not client-accessible (S36). */
#define VSS_EXPOSE_CLIENT_ACCESSIBLE 1u
#define VSS_EXPOSE_OWN 2u /* one that goes with the caller, who takes the exposure away before that */
/**
 * Show the copy read-only at `path` (made when absent, else an empty directory); s->exposed is set.  `also`: VSS_EXPOSE_*; for any
 * other copy VSS_E_UNSUPPORTED_CONTEXT.  VSS_EXISTS when it is exposed already, or another one is there.
 */
int vss_copies_expose(struct vss_shadow *s, const char *path, unsigned also, struct vss_err *err);
/**
 * Share it through Samba as `name` (`net usershare`), from the directory `within` the copy on, NULL or "": all; s->exposed and s->share are set.
 * Users read what the files' permissions let them.  As vss_copies_expose; VSS_USAGE for a name that is none, VSS_EXISTS when there
 * is a share of this name, VSS_UNSUPPORTED without Samba.
 */
int vss_copies_share(
	struct vss_shadow *s, const char *name, const char *within, unsigned also, struct vss_err *err);
/** End it and take the exposure away: VSS_E_OBJECT_NOT_FOUND when it is no share of ours. */
int vss_copies_unshare(const char *name, struct vss_err *err);
/** Take away the exposure at `path`: VSS_E_OBJECT_NOT_FOUND when nothing of ours is there. */
int vss_copies_unexpose(const char *path, struct vss_err *err);
/** Take away the exposure of this copy, wherever it is; none is fine. */
int vss_copies_unexpose_shadow(const struct vss_uuid *shadow, struct vss_err *err);

/**
 * Delete one copy of a set (unexposed first), or all of a set one by one; the first failure stops (S56).  The
 * document follows: rewritten or removed; so does *set.  *deleted counts on.  VSS_BUSY: the copies go with an
 * operation that is still running.
 */
int vss_copies_delete_shadow(struct vss_set *set, size_t index, struct vss_err *err);
int vss_copies_delete_set(struct vss_set *set, unsigned *deleted, struct vss_err *err);
/** vss_copies_delete_shadow() for a set that goes with the caller. */
int vss_copies_delete_own(struct vss_set *set, size_t index, struct vss_err *err);

/**
 * Show client-accessible copies to Samba as previous versions, <run>/samba/VOLUME-ID/@GMT-YYYY.MM.DD-HH.MM.SS, all that there are and no
 * others.  What cannot be shown is named by vss_warn.
 */
void vss_copies_show_previous(void);
/** After the machine has started: device paths, exposures (S37) and previous versions again.  Goes on after a failure; *failed
 * counts, each named by vss_warn. */
int vss_copies_at_boot(size_t *failed, struct vss_err *err);

/**
 * Remove what dead runs left: half-made copies, auto-release sets, copies that only documents remember, device
 * paths and mounts, scratch directories of writers; then renew the cache.  Changing tools call it first, as root
 * (or on fake volumes; else it only looks for scratch directories).  Failure is reported by vss_warn only.
 */
void vss_copies_reap(void);

#endif
