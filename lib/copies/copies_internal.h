/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_COPIES_COPIES_INTERNAL_H
#define VSS_COPIES_COPIES_INTERNAL_H

#include "catalog/catalog.h"
#include "copies/copies.h"
#include "provider/provider.h"

/**
 * What the files of the room share.
 *
 *	list.c	  scan and cache -> sets	places.c  where documents lie
 *	find.c	  words -> sets			exposed.c the records of exposures
 *	expose.c  surface, expose, unexpose	delete.c  copies and their document
 *	reap.c	  what the dead left	scratch.c what writers put aside for an archive
 */

/* places.c */
struct copies_places {
	struct vss_provider_places all;
	struct vss_catalog_place *v; /* all.n of them, as catalog wants them */
};
/** Every place that can be seen now. A provider that cannot look is named by vss_warn and left out. */
void copies_places(struct copies_places *out);
/** Those in which the document of this set lies. */
void copies_places_of(const struct vss_uuid *set, struct copies_places *out);
void copies_places_free(struct copies_places *p);

/* list.c */
/** What the scan finds, without the cache. */
int copies_scan(struct vss_set_list *out, struct vss_err *err);
/** The sets of the cache that the scan has not found and that nobody can say to be gone; appended. */
void copies_add_cached(struct vss_set_list *out);

/* exposed.c: <run>/exposed/<shadow-id> holds the path, and nothing but the path */
int copies_exposed_note(const struct vss_uuid *shadow, const char *path, struct vss_err *err);
void copies_exposed_forget(const struct vss_uuid *shadow);
/** Where this copy is exposed by its record, whether true or not; the caller frees it; NULL. */
char *copies_exposed_path(const struct vss_uuid *shadow);
/** The copy that the record for `path` speaks of.  0, or -1: there is none. */
int copies_exposed_at(const char *path, struct vss_uuid *shadow);
/** Fill in `exposed` of every copy, from records that are true. */
void copies_exposed_fill(struct vss_set_list *l);
/** Drop records of copies that are not in the list and not exposed either. */
void copies_exposed_tidy(const struct vss_set_list *l);

/* scratch.c */
/** Remove what the backups of the dead have left. */
void copies_reap_scratch(void);

/* delete.c */
/**
 * The same as vss_copies_delete_shadow(), also for copies that are in use: for those whose owner is known to be
 * dead.
 */
int copies_delete(struct vss_set *set, size_t index, struct vss_err *err);

#endif
