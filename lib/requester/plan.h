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
 */
struct vss_plan_volume {
	struct vss_volume *volume;
	struct vss_strv only; /* what is needed of it, relative to its mount point ("": all) */
	bool plain;	      /* plain paths lie on it: the path bar applies */
};
struct vss_plan {
	struct vss_choice choice;
	struct vss_plan_volume *volumes;
	size_t nvolumes, cvolumes;
	size_t left_out; /* writers that failed and were left out by --skip-failed-writers */
};

struct vss_plan_wishes {
	const struct vss_strv *writers, *exclude_writers; /* names; NULL or empty: those with files there */
	bool skip_failed_writers;
	bool fixed_volumes; /* create-shadow: components whose volumes are not all in the set stay out */
};

void vss_plan_clear(struct vss_plan *p);

/** Add a whole volume (create-shadow). VSS_E_OBJECT_ALREADY_EXISTS when it is there. Takes `v`. */
int vss_plan_add_volume(struct vss_plan *p, struct vss_volume *v, struct vss_err *err);
/** Add a plain path as the user gave it, with the volumes mounted below it unless `one_file_system`. */
int vss_plan_add_path(struct vss_plan *p, const char *path, bool one_file_system, struct vss_err *err);
/**
 * Choose among the writers that the session has gathered, add their components to the plan and to the session.
 * Fails with VSS_GRADE when a writer that takes part failed to identify itself, VSS_E_OBJECT_NOT_FOUND when a named one is not there.
 */
int vss_plan_choose_writers(struct vss_plan *p, struct vss_session *s, const struct vss_plan_wishes *w, struct vss_err *err);
/** The directory `dir` (links resolved) is needed by a component: its volume joins the plan. */
int vss_plan_need(struct vss_plan *p, const char *dir, struct vss_err *err);
/** Hand the volumes to the session. */
int vss_plan_add_to_set(const struct vss_plan *p, struct vss_session *s, const char *provider, struct vss_err *err);
/** The volume of the plan on which `path` lies (deepest mount point), or NULL. */
struct vss_plan_volume *vss_plan_volume_of(const struct vss_plan *p, const char *path);

#endif
