/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_PARTS_H
#define VSS_REQUESTER_PARTS_H

#include "requester/plan.h"
#include "session/session.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * How vss_plan_choose_writers comes to its answer: the part of each writer, known only in here.
 *
 *	parts.c    what the words of the user name
 *	touched.c  what paths and volumes draw in: the wish
 *	forced.c   what the wish brings with it: other writers' components, compulsory ones, those of a set
 *	verified.c what must be in it, and why others are not
 *	writers.c  the order of it; components and volumes into the session
 */
struct vss_part {
	struct vss_writer *writer;
	bool named; /* by the user, or needed by another writer: it must not be missing */
	bool whole; /* the user named all of it */
	bool out;   /* it has no part, whatever is wished */
	/* For each of its components; NULL when it could not say what it has. */
	bool *asked;	/* named by the user */
	bool *excluded; /* left out by the user */
	bool *barred;	/* that, or in the set of one that is */
	bool *wanted;	/* to be chosen */
	unsigned char *how;
};
struct vss_parts {
	struct vss_plan *plan;
	const struct vss_plan_wishes *wishes;
	struct vss_part *v; /* in the order of the session's writers */
	size_t n;
};
void vss_parts_init(struct vss_parts *ps, struct vss_plan *p, const struct vss_plan_wishes *w, struct vss_writers *ws);
void vss_parts_clear(struct vss_parts *ps);

/** Does the user's word mean this writer: its name, its registration, its ID or that of its instance? */
bool vss_writer_is_meant(const struct vss_writer *w, const char *word);
/** Components are named by their full path; the caller frees it. */
char *vss_component_path(const struct vss_component *c);
size_t vss_part_components(const struct vss_part *p); /* 0 also when it could not say */

/** Mark what the words name.  VSS_E_OBJECT_NOT_FOUND, VSS_USAGE for what is both wanted and excluded. */
int vss_parts_name(struct vss_parts *ps, struct vss_writers *ws, struct vss_err *err);
/**
 * Mark as wanted what the user named, and what paths or volumes touch.  VSS_GRADE or VSS_E_OBJECT_NOT_FOUND when something that was
 * named cannot take part.
 */
int vss_part_wish(const struct vss_parts *ps, struct vss_part *part, struct vss_err *err);
/** A directory that the component or one of its set needs on a volume outside of the set (create-shadow), or NULL. */
const char *vss_part_outside(const struct vss_parts *ps, const struct vss_part *part, size_t component);
/** Follow dependencies between writers (C42..C46), then select (C9): `how` of all parts. */
int vss_parts_force(struct vss_parts *ps, struct vss_err *err);
/** All is chosen: is what `verify` names in it?  VSS_GRADE, and the reason why the first that is not is out. */
int vss_parts_verify(const struct vss_parts *ps, struct vss_writers *ws, struct vss_err *err);
/** Note what is out in the plan's `left`. */
void vss_parts_list_left(const struct vss_parts *ps);

#endif
