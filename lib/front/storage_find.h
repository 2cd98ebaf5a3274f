/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_STORAGE_FIND_H
#define VSS_FRONT_STORAGE_FIND_H

#include "copies/storage.h"
#include "front/storage.h"

/** What storage commands work on: everything that is known, read once. */
struct vss_front_known {
	struct vss_set_list sets;
	struct vss_limits limits;
	struct vss_storage_areas areas; /* after vss_storage_areas() */
};
int vss_front_known_read(struct vss_front_known *k, struct vss_err *err);
void vss_front_known_free(struct vss_front_known *k);

/** Whose storage is meant: words resolved. */
struct vss_front_whose {
	char *volume_id, *volume; /* NULL: any */
	char *place;		  /* as copies have it, NULL: any */
};
/** `areas` know volumes that are gone.  VSS_ABSENT, VSS_E_OBJECT_NOT_FOUND. */
int vss_front_whose(const struct vss_front_storage *which, const struct vss_storage_areas *areas,
	struct vss_front_whose *out, struct vss_err *err);
void vss_front_whose_free(struct vss_front_whose *w);
bool vss_front_is_whose(const struct vss_front_whose *w, const struct vss_storage_area *a);
/**
 * What `word` named once, and is not mounted any more: `v`, which is what vss_volume_named() takes it for now, or NULL, is then
 * another volume, on which the empty directory lies.  NULL: it names `v`, or nothing that is known.
 */
const struct vss_storage_area *vss_front_area_gone(
	const struct vss_storage_areas *areas, const char *word, const struct vss_volume *v);
/** Where its copies lie whatever the user says, or NULL: the caller frees it. */
char *vss_front_place_of(const struct vss_volume *v);

/** VSS_E_VOLUME_IN_USE when copies of `volume` lie there. */
int vss_front_check_empty(const struct vss_front_known *k, const struct vss_front_whose *whose, struct vss_err *err);
/** How the size is to be said: vss_limit_parse_size() in the words of the shape; 0 fails in vssadmin's. */
int vss_front_limit_size(const struct vss_front_resize *r, struct vss_limit *out, struct vss_err *err);
/**
 * Keep the limit (unless r->dry_run), let what is above it go, tell of that, and end with the sentence `done`.  k->areas follow.
 */
int vss_front_limit_keep(const struct vss_front_resize *r, struct vss_front_known *k, const struct vss_limit *l,
	const char *done, struct vss_err *err);

#endif
