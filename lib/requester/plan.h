/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_PLAN_H
#define VSS_REQUESTER_PLAN_H

#include "base/err.h"
#include "base/str.h"
#include "os/volume.h"
#include "requester/choice.h"
#include "session/session.h"

#include <stdbool.h>

/**
 * From words to what one session will do: paths and writers -> components -> volumes.
 *
 * A volume is in the set once, however often it is mounted; the places are the mounts through which something
 * of it was asked for.
 */
struct vss_plan_place {
	struct vss_volume *volume; /* as it is mounted here */
	size_t of;		   /* index of the set's volume */
	bool plain;		   /* lies below a plain path, which takes all of it */
	bool enter;		   /* lies below something that is taken: whoever walks by goes in */
	bool walked;
	char *instead; /* where what it shows is taken, which is why it is not entered; or NULL */
};
struct vss_plan_volume {
	const struct vss_volume
		*volume;      /* the place that shows all that is needed: the session knows the volume by it */
	struct vss_strv only; /* what is needed of it, relative to that mount point ("": all) */
	bool plain;	      /* plain paths lie on it: the path bar applies */
	char *provider;	      /* that it alone is to have, or NULL */
};
/* A component that has no part in the set, and why. */
struct vss_plan_left {
	const struct vss_writer *writer;
	const struct vss_component *component;
	bool excluded; /* by the user's words, alone or with the top of its set */
	char *needs;   /* the mount point of a volume that it needs and the set has not; or NULL */
};
struct vss_plan {
	struct vss_choice choice;
	struct vss_plan_volume *volumes;
	size_t nvolumes, cvolumes;
	struct vss_plan_place *places;
	size_t nplaces, cplaces;
	struct vss_volume_list mounted; /* everything that is mounted, by mount point; empty until somebody asks */
	size_t left_out;		/* writers that failed and were left out by --skip-failed-writers */
	const char *leave_out;		/* see vss_create_request */
	struct vss_plan_left *left;	/* when the wishes ask for it */
	size_t nleft, cleft;
};

struct vss_plan_wishes {
	const struct vss_strv *writers, *exclude_writers; /* model/named.h; NULL or empty: those with files there */
	const char *provider;				  /* that is to make the copies, or NULL */
	bool skip_failed_writers;
	bool fixed_volumes;	       /* create-shadow: components whose volumes are not all in the set stay out */
	const struct vss_strv *verify; /* see vss_create_request, also for the two below */
	bool lenient, lists_left;
};

void vss_plan_clear(struct vss_plan *p);
/** The words with which the user leaves out the writer or component that is named behind them. */
const char *vss_plan_leave_out(const struct vss_plan *p);

/** Add a whole volume (create-shadow). VSS_E_OBJECT_ALREADY_EXISTS when it is there. Takes `v`. */
int vss_plan_add_volume(struct vss_plan *p, struct vss_volume *v, struct vss_err *err);
/** Add the subvolumes within the volumes that are there, but for read-only snapshots (create-shadow --with-nested). */
int vss_plan_add_nested(struct vss_plan *p, struct vss_err *err);
/**
 * Add a plain path as the user gave it, with the volumes mounted below it unless `one_file_system` or an
 * exclude says otherwise.
 */
int vss_plan_add_path(struct vss_plan *p, const char *path, bool one_file_system, struct vss_err *err);
/**
 * All paths were added: what is mounted below them and shows only what is taken elsewhere is not taken again,
 * and named.
 */
void vss_plan_settle(struct vss_plan *p);
/**
 * Choose among the writers that the session has gathered, add their components to the plan and to the session, and what the
 * administrator leaves out to the choice.
 *
 * What the user names takes part, and so does what lies on the plan's volumes or below its paths, compulsory components, and what
 * any of them depends on (C9, C43).  Fails with VSS_GRADE when a writer that takes part failed to identify itself, or what it needs is
 * not there; VSS_E_OBJECT_NOT_FOUND when something that was named is not there; VSS_USAGE when what is excluded comes all the same;
 * VSS_UNSUPPORTED as vss_plan_check_recovery.
 */
int vss_plan_choose_writers(
	struct vss_plan *p, struct vss_session *s, const struct vss_plan_wishes *w, struct vss_err *err);
/**
 * The directory `dir` (links resolved; it need not be there) is needed by a component, `recursive` with all
 * that is mounted below it.
 */
int vss_plan_need(struct vss_plan *p, const char *dir, bool recursive, struct vss_err *err);
/** Do plain paths take what lies at `dir` (links resolved; it need not be there)? */
bool vss_plan_reaches(const struct vss_plan *p, const char *dir);
/**
 * Read the administrator's lists (requester/exclude.h) into the choice, whose components are all there.  Part of
 * vss_plan_choose_writers; for those who choose otherwise.
 */
int vss_plan_read_lists(struct vss_plan *p, struct vss_err *err);
/**
 * Can every component that is recovered in its copy (C24) have copies that can be written?  VSS_UNSUPPORTED.  `provider` as users
 * wish it, or NULL.
 */
int vss_plan_check_recovery(const struct vss_plan *p, const char *provider, struct vss_err *err);
/** The provider that the volume is to have: its own, else `provider`; NULL: the best bid. */
const char *vss_plan_provider_for(const struct vss_plan_volume *v, const char *provider);
/** Hand the volumes to the session. */
int vss_plan_add_to_set(const struct vss_plan *p, struct vss_session *s, const char *provider, struct vss_err *err);

/** Where the walks begin: directories and single files, sorted; none is come by on the way from another. */
void vss_plan_roots(const struct vss_plan *p, struct vss_strv *out);

/* --- places --- */

/** The place of this volume, added if need be (SIZE_MAX on failure): an index.  Takes `v`. */
size_t vss_plan_place_for(struct vss_plan *p, struct vss_volume *v, struct vss_err *err);
/** The place at which `path` lies (deepest mount point), and the one that is mounted there; or NULL. */
struct vss_plan_place *vss_plan_place_of(const struct vss_plan *p, const char *path);
struct vss_plan_place *vss_plan_place_at(const struct vss_plan *p, const char *path);
/** Is something mounted at `path`, planned or not?  What the outer volume has there is hidden. */
bool vss_plan_is_mounted(const struct vss_plan *p, const char *path);
/**
 * `path` within the copy of its volume, relative to the mount point that the session knows; the caller frees
 * it.  NULL: not to be seen there.
 */
char *vss_plan_inner(const struct vss_plan *p, const struct vss_plan_place *at, const char *path);
/** `path` is needed of the volume at this place. */
void vss_plan_note(struct vss_plan *p, size_t place, const char *path);
/** Read what is mounted, once. */
int vss_plan_look(struct vss_plan *p, struct vss_err *err);

#endif
