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

#endif
