/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_SCRIPT_ALIAS_H
#define VSS_SCRIPT_ALIAS_H

#include "base/err.h"
#include "base/str.h"

#include <stddef.h>

/**
 * Aliases: names for values, mostly for the IDs of shadow copies.  Names are compared without regard to case and keep the
 * case in which they were given last.  A value is a plain text: what looks like a variable in it is none.
 */
struct vss_aliases {
	struct vss_alias {
		char *name, *value;
	} * v; /* in the order in which they were first set */
	size_t n, cap;
};
#define VSS_ALIASES_INIT                                                                                               \
	{                                                                                                              \
		NULL, 0, 0                                                                                             \
	}
void vss_aliases_free(struct vss_aliases *a); /* leaves it empty and usable */

/**
 * A name that a program can find in its environment: letters, digits and `_ - .`, at most 255; and none by which programs are
 * told what code to run (PATH, LD_PRELOAD ...): a metadata file brings names with it.  VSS_USAGE else.
 */
int vss_alias_check(const char *name, struct vss_err *err);
/** Set it, in place of one of that name; checked as above. */
int vss_aliases_set(struct vss_aliases *a, const char *name, const char *value, struct vss_err *err);
/** NULL: there is none. */
const char *vss_aliases_get(const struct vss_aliases *a, const char *name);
/** The first alias that has this value (case ignored), or NULL. */
const char *vss_aliases_of(const struct vss_aliases *a, const char *value);
/** NAME=value of each, put into `env` in place of what has this very name there: case counts in an environment. */
void vss_aliases_environment(const struct vss_aliases *a, struct vss_strv *env);

#endif
