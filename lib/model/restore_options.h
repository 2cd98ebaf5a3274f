/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_MODEL_RESTORE_OPTIONS_H
#define VSS_MODEL_RESTORE_OPTIONS_H

#include "base/err.h"

#include <stddef.h>

/**
 * Restore options (R43): "name"="value" with commas between, each optionally behind "Sub\Component": .  Blanks between these
 * do not count; within the quotes every character but '"' stands for itself.  What names and values mean is the writer's.
 */
struct vss_restore_option {
	char *component; /* it and its descendants; NULL: all */
	char *name, *value;
};
struct vss_restore_options {
	struct vss_restore_option *v;
	size_t n, cap;
};
void vss_restore_options_clear(struct vss_restore_options *o);
/** VSS_INVALID names what is wrong. */
int vss_restore_options_parse(const char *text, struct vss_restore_options *out, struct vss_err *err);

#endif
