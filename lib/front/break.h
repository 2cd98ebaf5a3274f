/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_BREAK_H
#define VSS_FRONT_BREAK_H

#include "base/err.h"

#include <stdbool.h>

/** Shadow copies that become volumes of their own, with what is said about it. */
struct vss_front_break {
	const char *id;	  /* of a shadow copy, or of a set */
	const char *name; /* of the volume; NULL: by default */
	bool writable, dry_run, json, quiet;
};
/** The first failure stops; when something was done by then, it is said and the code is VSS_PARTIAL. */
int vss_front_break_shadow(const struct vss_front_break *b, struct vss_err *err);

#endif
