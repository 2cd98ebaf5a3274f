/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_RESTORE_SERVICES_H
#define VSS_REQUESTER_RESTORE_SERVICES_H

#include "base/err.h"
#include "os/undo.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * Services that restore methods stop around a restore (R59..R61).  Each comes back as it was found: one that ran runs again, also
 * after a failure; one that was stopped stays stopped.  What is stopped stands in a record first, so that when we are killed the
 * next restore starts it.
 */
struct vss_services {
	struct vss_undo undo;
	struct vss_held_service {
		char *name;
		bool ran;     /* when it was added */
		bool stopped; /* by us, and not started since */
	} * v;
	size_t n, cap;
};
#define VSS_SERVICES_NONE                                                                                              \
	{                                                                                                              \
		.undo = VSS_UNDO_NONE                                                                                  \
	}

/** Look at it, change nothing; twice the same is one.  VSS_ABSENT when there is none of that name. */
int vss_services_add(struct vss_services *s, const char *name, struct vss_err *err);
/** Does any of them run? */
bool vss_services_run(const struct vss_services *s);
/** Stop those that run; when one cannot be, those before it are started again. */
int vss_services_stop(struct vss_services *s, struct vss_err *err);
/** Start those that were stopped: every one is tried. */
int vss_services_start(struct vss_services *s, struct vss_err *err);
/** Does nothing to services: that is for start. */
void vss_services_clear(struct vss_services *s);
/** Start what a restore that was killed has left stopped; what cannot be is named, and kept for the next time. */
void vss_services_repair(void);

#endif
