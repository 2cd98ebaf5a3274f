/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_CATALOG_CATALOG_H
#define VSS_CATALOG_CATALOG_H

#include "base/err.h"
#include "base/uuid.h"
#include "model/set.h"

#include <stdbool.h>

/**
 * Where set documents lie.  The truth is beside the copies: `<set-id>.xml` in the directory that each provider names
 * (its places); <state>/sets is a cache that may be deleted at any time.  A document that cannot be read is reported
 * once by vss_warn, renamed `<name>.unreadable` where that is possible, and never deleted.
 */
struct vss_catalog_place {
	int dirfd;	   /* the ".vss-shadows" directory */
	const char *label; /* for messages: "/mnt/a" */
};

/**
 * Write the document of `set` durably into every place (mode 0600) and the cache.  On failure the documents that were
 * not there before are removed again; one that replaced an older one stays.  A cache that cannot be written is a
 * warning, unless there is no place.
 */
int vss_catalog_save(const struct vss_set *set, const struct vss_catalog_place *places, size_t n, struct vss_err *err);
/**
 * Remove it from every place and the cache; absence is fine.  All are tried; the first failure is told.  That of the cache is a
 * warning, unless there is no place.
 */
int vss_catalog_remove(
	const struct vss_uuid *set_id, const struct vss_catalog_place *places, size_t n, struct vss_err *err);
/**
 * Claim the documents of a set for as long as the descriptors stay open: read locks on the files themselves, which are
 * seen by everybody who sees the storage, also with another run directory (a container, a trial).  `fds` has n members;
 * -1 where there is no document.  Fails when one cannot be locked; what was locked by then stays so.
 */
int vss_catalog_claim(const struct vss_uuid *set_id, const struct vss_catalog_place *places, size_t n, int *fds,
	struct vss_err *err);
/** Does somebody hold a claim?  Who cannot tell says yes. */
bool vss_catalog_is_claimed(const struct vss_uuid *set_id, const struct vss_catalog_place *places, size_t n);
/**
 * Add every set document that lies in the places to *out, each set once (the same set may lie in several places: the
 * document written last wins).  A document of a newer version, or one that the disk does not give, is reported and left
 * alone.  A place that cannot be listed is a failure, but *out then has what the others hold.
 */
int vss_catalog_scan(const struct vss_catalog_place *places, size_t n, struct vss_set_list *out, struct vss_err *err);
/** The sets in the cache alone: for those who may not scan, and for volumes not mounted now.  No cache: no sets. */
int vss_catalog_cached(struct vss_set_list *out, struct vss_err *err);
/** Make the cache hold exactly these sets; what is the same already is not written.  Failure is not fatal to callers. */
int vss_catalog_refresh(const struct vss_set_list *sets, struct vss_err *err);

#endif
