/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_WRITER_LIBVIRT_FREEZE_H
#define VSS_WRITER_LIBVIRT_FREEZE_H

#include "config.h"

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * The file systems in guests, by their agents.  Whatever a freeze came to, a thaw follows: a call that
 * was cut off may have reached the agent all the same.
 */
struct target {
	char *uuid;
	enum target_state {
		TARGET_UNTRIED,
		TARGET_FROZEN,
		TARGET_FAILED, /* libvirt or the agent said no */
		TARGET_UNKNOWN /* there was no answer in time */
	} state;
	bool thawed;
	char reason[200]; /* of what failed last */
};
struct targets {
	struct target *v;
	size_t n, cap;
};

void targets_add(struct targets *t, const char *uuid);
void targets_clear(struct targets *t);

/** All at once; what each came to is in it. */
void targets_freeze(const struct config *c, struct targets *t, int64_t deadline);
/**
 * Until each says that it is thawed, or does not run any more, or the monotonic `deadline`.  One whose
 * freeze was refused gets one try.  -1 names one that may still be frozen.
 */
int targets_thaw(const struct config *c, struct targets *t, int64_t deadline, struct vss_err *err);
/** Is one frozen already, by somebody else?  1 with its UUID in *which; agents that do not answer say no. */
int targets_frozen_before(const struct config *c, struct targets *t, int64_t deadline, const char **which);

#endif
