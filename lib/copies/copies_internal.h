/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_COPIES_COPIES_INTERNAL_H
#define VSS_COPIES_COPIES_INTERNAL_H

#include "catalog/catalog.h"
#include "copies/copies.h"
#include "os/volume.h"
#include "provider/provider.h"

/**
 * What the files of the room share.
 *
 *	list.c	  scan and cache -> sets	places.c  where documents lie
 *	find.c	  words -> sets			exposed.c the records of exposures
 *	expose.c  surface, expose, unexpose	expose_place.c where
 *	delete.c  copies and their document
 *	share.c	  exposures as shares	previous.c previous versions for Samba
 *	reap.c	  what the dead left	scratch.c what writers put aside for an archive
 *	revert.c  volumes put back	revert_left.c, revert_open.c what of that is not over
 *	break.c	  copies that become volumes
 *	limits.c  the limits of storage	storage.c what copies take; trim.c, busy.c (storage_internal.h)
 */

/* places.c */
struct copies_places {
	struct vss_provider_places all;
	struct vss_catalog_place *v; /* all.n of them, as catalog wants them */
};
/** Every place that can be seen now. A provider that cannot look is named by vss_warn and left out. */
void copies_places(struct copies_places *out);
/** Those where records of reverts lie: no program of others is asked, as the machine may just be starting. */
void copies_places_recording(struct copies_places *out);
/** Those in which the document of this set lies. */
void copies_places_of(const struct vss_uuid *set, struct copies_places *out);
void copies_places_free(struct copies_places *p);

/* list.c */
/** What the scan finds, without the cache. */
int copies_scan(struct vss_set_list *out, struct vss_err *err);
/** The sets of the cache that the scan has not found and that nobody can say to be gone; appended. */
void copies_add_cached(struct vss_set_list *out);

/* exposed.c: <state>/exposed/<shadow-id> is the record of an exposure: it is made again when the machine starts */
struct copies_exposure {
	char *path;	      /* where the copy is mounted */
	char *share;	      /* the share that shows it, or NULL */
	struct vss_uuid boot; /* the run of the machine in which it was, last */
};
void copies_exposure_clear(struct copies_exposure *e);
int copies_exposed_note(const struct vss_uuid *shadow, const struct copies_exposure *e, struct vss_err *err);
void copies_exposed_forget(const struct vss_uuid *shadow);
/** The record of this copy, whether true or not: 0, or -1: there is none. */
int copies_exposed_read(const struct vss_uuid *shadow, struct copies_exposure *out);
/** The copy that the record for this path, or this share, speaks of.  0, or -1: there is none. */
int copies_exposed_at(const char *path, struct vss_uuid *shadow);
int copies_exposed_as(const char *share, struct vss_uuid *shadow);
/** Is something of ours at `path`: a mount, or the link that stands for one where mounting is not possible? */
bool copies_is_shown_at(const char *path, const struct vss_uuid *shadow, const struct vss_mount_list *mounts);
/** Is what is to be seen at `path` something else than the copy at this device path?  False when one cannot be looked at. */
bool copies_is_hidden_at(const char *path, const char *device);
/** Fill in `exposed` and `share` of every copy, from records that are true. */
void copies_exposed_fill(struct vss_set_list *l);
/**
 * Drop records that are not true any more: of copies that are not in the list, and of what somebody has unmounted since the machine
 * started.
 */
void copies_exposed_tidy(const struct vss_set_list *l);

/* expose.c */
/** Whoever makes, takes away or drops a record holds it; a descriptor, or -1: VSS_BUSY. */
int copies_lock_exposures(int wait_ms, struct vss_err *err);

/* expose_place.c */
/** May copy `self` be shown at this path?  VSS_EXISTS: another one, or anything, is there, or another one around it; VSS_INVALID:
 * it lies among copies.  A record for this path that is not true any more is dropped. */
int copies_check_place(const char *at, const struct vss_uuid *self, struct vss_err *err);

/* share.c: Samba's usershares, through its `net` */
/** A name that Samba takes and a path may have: VSS_USAGE. */
int copies_share_check(const char *name, struct vss_err *err);
/** VSS_EXISTS when there is a share of this name; VSS_UNSUPPORTED without Samba, or when it allows no usershares. */
int copies_share_add(const char *name, const char *path, struct vss_err *err);
/** Absent is fine. */
int copies_share_remove(const char *name, struct vss_err *err);

/* previous.c: <run>/samba/VOLUME-ID/@GMT-YYYY.MM.DD-HH.MM.SS are mounts of client-accessible copies */
/** Make these mounts what the list says; what cannot be is named by vss_warn. */
void copies_previous_renew(const struct vss_set_list *l);
/** Take away that of this copy: VSS_BUSY while somebody reads there. */
int copies_previous_drop(const struct vss_set *set, const struct vss_shadow *sh, struct vss_err *err);
/** A directory gets these permissions for everybody, besides those that it has. */
int copies_let_all(const char *dir, mode_t bits, struct vss_err *err);
/** Make a directory below <run>, and let others pass through it and what is above it; the caller frees the path of `name` in it. */
char *copies_open_path(const char *dir, const char *name, struct vss_err *err);

/* scratch.c */
/** Remove what the backups of the dead have left. */
void copies_reap_scratch(void);

/* delete.c */
/**
 * The same as vss_copies_delete_shadow(), also for copies that are in use: for those whose owner is known to be
 * dead.
 */
int copies_delete(struct vss_set *set, size_t index, struct vss_err *err);
/** VSS_BUSY: a running operation uses it; VSS_E_REVERT_IN_PROGRESS: a volume is being put back to it. */
int copies_refuse_in_use(const struct vss_set *set, size_t index, struct vss_err *err);
/** The copy has gone, or is none any more: its document, its device path and its exposure follow; so does *set. */
int copies_forget(struct vss_set *set, size_t index, struct vss_err *err);

/* revert_left.c: the records of reverts that are not over (provider.h) */
/** The lock that whoever puts this volume back holds, in <run>/revert; the caller frees it. */
char *copies_revert_lock_name(const struct vss_shadow *s);
bool copies_revert_any(const struct copies_places *p);
bool copies_revert_is_open(const struct copies_places *p, const struct vss_uuid *shadow);
int copies_revert_forget(const struct vss_catalog_place *p, const struct vss_uuid *shadow, struct vss_err *err);

#endif
