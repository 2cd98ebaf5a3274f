/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_CONTAINERS_QUIET_H
#define VSS_WRITER_CONTAINERS_QUIET_H

#include "container.h"

#include "os/undo.h"

#define RECORD "containers"

/**
 * Make the chosen containers that run quiet: the commands within them one after the other, then those that are to be paused, all at
 * once.  What is begun is written to `u` before it is done.  Until the monotonic `deadline` at the latest; on failure what was
 * begun stays so, for quiet_undo().
 */
int quiet_begin(struct containers *cs, const struct vss_undo *u, int64_t deadline, struct vss_err *err);
/** Undo what was begun, the last first; all is tried.  -1 with the first failure: the rest is still marked as begun. */
int quiet_undo(struct containers *cs, struct vss_err *err);
/** Write down what is begun. */
int quiet_note(const struct containers *cs, const struct vss_undo *u, struct vss_err *err);
/** Undo what a writer that was killed has left.  0 when nothing is left, also when another one lives or nobody may look; -1. */
int quiet_settle(const struct config *config, struct vss_err *err);

#endif
