/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_COPIES_STORAGE_H
#define VSS_COPIES_STORAGE_H

#include "copies/limits.h"
#include "model/set.h"
#include "os/volume.h"
#include "provider/provider.h"

/**
 * Shadow copy storage: what the copies of a volume take where they lie, and what happens when that is more than
 * they may.
 */
struct vss_storage_copy {
	struct vss_set *set;
	struct vss_uuid id; /* of the shadow copy: its index in the set moves */
};
/** One association of vssadmin: the copies of one volume in one storage. */
struct vss_storage_area {
	char *volume; /* mount point, as copy or limit have it */
	char *volume_id;
	char *provider;			 /* "" where only a limit is there */
	char *place;			 /* the storage, see vss_shadow.place; "": any */
	struct vss_storage_copy *copies; /* the oldest first, those that are missing not among them */
	size_t ncopies, ccopies;
	bool known; /* `use` is what the provider says; else `why` */
	struct vss_provider_use use;
	char *why;
	bool limited;	     /* somebody set a limit for it */
	bool chosen;	     /* an association says that copies go there */
	unsigned percent;    /* the limit is this share of the storage; 0: it is none */
	uint64_t max_bytes;  /* what it comes to; VSS_LIMIT_NONE: unbounded */
	uint64_t max_copies; /* likewise */
};
struct vss_storage_areas {
	struct vss_storage_area *v;
	size_t n, cap;
};
void vss_storage_areas_free(struct vss_storage_areas *a);
/**
 * The areas of all copies in `sets`, and those that have a limit and no copy, by volume and place; the providers are asked.
 * They point into `sets`.
 */
void vss_storage_areas(struct vss_set_list *sets, const struct vss_limits *limits, struct vss_storage_areas *out);

/** Why a copy must not be deleted to make room; NULL: nothing uses it.  Lives as long as the process. */
const char *vss_storage_in_use(const struct vss_set *set, const struct vss_shadow *s);

struct vss_storage_trim {
	const struct vss_uuid *spare; /* of this set nothing goes; or NULL */
	bool dry_run;		      /* only say what would go */
	/** Called before each copy that goes. */
	void (*going)(
		void *ctx, const struct vss_storage_area *a, const struct vss_set *set, const struct vss_shadow *s);
	void *ctx;
};
/**
 * While the area is above its limit its oldest copies go, but none that is in use; what is above the limit still is
 * named by vss_warn.  The area is up to date afterwards.  -1: a copy could not be deleted.
 */
int vss_storage_trim(struct vss_storage_area *a, const struct vss_storage_trim *how, struct vss_err *err);

/** A volume of a set to be made, and who is to make its copy (NULL: who suits it best). */
struct vss_storage_asker {
	const struct vss_volume *volume;
	const char *provider;
};
/**
 * Where copies of these volumes go when nobody says it: *dir, which the caller frees, of the association (limits.h) of those
 * whose provider leaves that to us; NULL: they have none.  VSS_INVALID when they do not agree, VSS_ABSENT when what is
 * mounted there is not what the association speaks of.
 */
int vss_storage_chosen(const struct vss_storage_asker *v, size_t n, char **dir, struct vss_err *err);

/** After a set was made: its volumes keep to their limits.  What goes, and what fails, is named by vss_warn. */
void vss_storage_after_creation(const struct vss_set *made);
/** Before one is made: VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED (M23). */
int vss_storage_before_creation(const struct vss_volume *const *v, size_t n, uint32_t context, struct vss_err *err);

#endif
