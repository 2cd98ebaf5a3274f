/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_COPIES_REVERT_H
#define VSS_COPIES_REVERT_H

#include "base/err.h"
#include "model/set.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * Putting a volume back to a shadow copy of it (S51).  It cannot be cancelled or undone; what was cut short is ended by the next
 * run, at the next start of the machine, or (file by file) by asking for it again.  No writer hears of it.
 */
struct vss_revert_wish {
	bool force;   /* although the volume is in use */
	bool at_boot; /* when the machine starts next */
	bool pending; /* set when it is not complete yet: see the provider's page */
};

/**
 * Could it be?  Everything that can be known without asking who uses the volume: VSS_E_UNSUPPORTED_CONTEXT for copies that are
 * not persistent, VSS_UNSUPPORTED, VSS_BUSY, VSS_E_OBJECT_NOT_FOUND.
 */
int vss_copies_check_revert(const struct vss_set *set, size_t index, struct vss_err *err);
/**
 * Do it; *set follows.  VSS_E_VOLUME_IN_USE names who uses it; VSS_E_REVERT_IN_PROGRESS: another revert of the volume is going on
 * or was cut short; VSS_E_SNAPSHOT_SET_IN_PROGRESS: a set is being made.
 */
int vss_copies_revert(struct vss_set *set, size_t index, struct vss_revert_wish *wish, struct vss_err *err);
/**
 * End what earlier runs have left; `starting`: the machine starts, and what waited for that is done too.  Each failure is told by
 * vss_warn and counted.
 */
void vss_copies_finish_reverts(bool starting, size_t *finished, size_t *failed);

/** A revert that is not over: it goes on in another process, or waits for the next start or for being asked for again. */
struct vss_open_revert {
	struct vss_uuid shadow, set;
	char *volume, *volume_id;
	bool running;
};
struct vss_open_reverts {
	struct vss_open_revert *v;
	size_t n, cap;
};
void vss_open_reverts_free(struct vss_open_reverts *r);
/** All that can be seen, by the sets' age; what LVM merges by itself is not among them.  Changes nothing. */
int vss_copies_open_reverts(struct vss_open_reverts *out, struct vss_err *err);

#endif
