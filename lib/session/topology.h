/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_SESSION_TOPOLOGY_H
#define VSS_SESSION_TOPOLOGY_H

#include "base/err.h"
#include "model/grade.h"
#include "provider/provider.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * What the volumes of a set will be together, and which of them are held for that (S15, S22): decided before anybody is asked to
 * stand still, from what the providers say alone, and the same for a set and for what a dry run tells of it.
 *
 * Volumes of one group will be one instant.  A volume that is held is as it was held at every commit of the set, so all
 * held ones are a group; with one commit inside the hold they are one instant with that as well.  Where the processes that
 * write are frozen (--hold-cgroup) all volumes are one group, on the user's word.
 */
struct vss_topology_volume {
	const struct vss_provider_set *set;	/* whose it is: its provider and the wishes count, its volumes do not */
	const struct vss_provider_volume *like; /* `volume` and `only` count */
	bool plain;				/* plain paths of the user lie on it */
	/* Decided: */
	bool to_hold;
	enum vss_instant alone; /* what its copy will be by itself: ONE or FUZZY */
	unsigned group;		/* from 0, in the order of the volumes */
};
struct vss_topology {
	struct vss_topology_volume *v;
	size_t n;
	bool (*can_hold)(const struct vss_volume *v, struct vss_err *why);
	/* Decided: */
	enum vss_instant instant; /* of all together */
	struct vss_err why_not;	  /* why a volume is not held that should be, naming it; VSS_OK: there is none */
};
void vss_topology_decide(struct vss_topology *t);
/** Can a session hold the writes of this volume's file system? */
bool vss_session_can_hold(const struct vss_volume *v, struct vss_err *why);
/** Decided: what plain paths on volume `i` will be; those of several volumes belong together. */
enum vss_grade vss_topology_grade(const struct vss_topology *t, size_t i);
/**
 * Is a volume with plain paths below `bar` whatever happens?  VSS_GRADE with the sentence that names the way out.  One that is
 * fuzzy may turn out `ordered`: nothing changes while it is copied.
 */
int vss_topology_check(const struct vss_topology *t, enum vss_grade bar, struct vss_err *err);
/** VSS_GRADE: a copy of `volume` would be, or is, below what is wanted of plain paths; with the way out. */
int vss_topology_refuse(const char *volume, enum vss_grade is, enum vss_grade wanted, struct vss_err *err);

#endif
