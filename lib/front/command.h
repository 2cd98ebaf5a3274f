/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_COMMAND_H
#define VSS_FRONT_COMMAND_H

#include "base/err.h"
#include "base/str.h"
#include "model/set.h"

/**
 * A set in the words of a shell: VSS_SHADOW_SET, and for the n-th copy from 1 on VSS_SHADOW_n, VSS_SHADOW_DEVICE_n,
 * VSS_VOLUME_n.
 */
void vss_front_env(const struct vss_set *set, struct vss_strv *out); /* KEY=value */

/** Write them to a file that a shell can read with `.`, durably, mode 0600; one that is there is replaced. */
int vss_front_write_env(const struct vss_set *set, const char *path, struct vss_err *err);

/** Our own environment with the set in it, in place of what a set around us may have left there. */
void vss_front_environment(const struct vss_set *set, struct vss_strv *out);

struct vss_front_command {
	const struct vss_strv *words; /* the first one is looked for in the PATH of `env`, unless it has a slash */
	const struct vss_strv *env;
	int in, out; /* what become its stdin and stdout; -1: nothing */
};
/**
 * Run it on our terminal, and wait for its end.  A signal to us is handed on to it.  Fails with VSS_SYSTEM when it ends with
 * anything but 0, VSS_INTERRUPTED when we were interrupted.
 */
int vss_front_run(const struct vss_front_command *c, struct vss_err *err);

#endif
