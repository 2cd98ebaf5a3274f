/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_FROM_SHADOW_H
#define VSS_REQUESTER_FROM_SHADOW_H

#include "requester/forecast.h"
#include "requester/plan.h"
#include "requester/requester.h"
#include "session/session.h"

/**
 * backup --from-shadow: what a set that stays knows of itself (vss-set(5)) takes the place of gathering, choosing and
 * freezing.  The documents that it was made with say which files belong to which writers; paths are those of the
 * originals, looked up in the copies.  No writer hears of it: what comes of it is a copy backup (B28).
 *
 *	from_shadow.c		find the set, its volumes and paths; the session
 *	from_shadow_writers.c	components out of the kept documents
 */
struct vss_from_shadow {
	struct vss_set *set; /* NULL: not open */
	struct vss_bcd
		*made_with; /* the components document of its making; NULL: it had no writers, or none was kept */
	struct vss_kept_writer {
		char *registration;
		struct vss_metadata *metadata;
		struct vss_writer writer; /* of both, for the choice */
	} * writers;
	size_t nwriters, cwriters;
	struct vss_bcd *bcd; /* of the backup, until the session has it */
};

/**
 * Find the set and read its documents.  VSS_E_OBJECT_NOT_FOUND when there is no such set, or one of its copies was
 * deleted; VSS_INVALID when it goes with a command that is running.
 */
int vss_from_shadow_open(struct vss_from_shadow *f, const char *word, struct vss_err *err);
void vss_from_shadow_close(struct vss_from_shadow *f);
/**
 * The request's paths and writers, or all that the set has, as a plan; its excludes are in p->choice already. VSS_GRADE when
 * something that is wanted is below the bar.
 */
int vss_from_shadow_plan(
	struct vss_from_shadow *f, const struct vss_backup_request *r, struct vss_plan *p, struct vss_err *err);
/** What the backup would be, by what the set knows. */
int vss_from_shadow_dry(struct vss_from_shadow *f, const struct vss_plan *p, struct vss_forecast **out);
/** The session that reads the copies; once. */
struct vss_session *vss_from_shadow_session(struct vss_from_shadow *f);

/* from_shadow_writers.c */
int vss_from_shadow_read_documents(struct vss_from_shadow *f, struct vss_err *err);
/** The grade that a component of the choice had when the set was made. */
enum vss_grade vss_from_shadow_grade(const struct vss_from_shadow *f, const struct vss_choice_component *c);
void vss_from_shadow_clear_writers(struct vss_from_shadow *f);
/** Components for the plan and for f->bcd. */
int vss_from_shadow_choose(
	struct vss_from_shadow *f, const struct vss_backup_request *r, struct vss_plan *p, struct vss_err *err);

#endif
