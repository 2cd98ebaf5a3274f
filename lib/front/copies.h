/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_COPIES_H
#define VSS_FRONT_COPIES_H

#include "base/str.h"
#include "front/expire.h"
#include "front/select.h"

#include <stdbool.h>

/**
 * Deleting and exposing, with what is said about it.
 */
struct vss_front_delete {
	struct vss_front_wish wish; /* --shadow, --set, --for */
	const struct vss_strv *ids; /* operands: shadow copies or sets */
	bool oldest;		    /* with --for: only the oldest copy */
	bool all;
	struct vss_front_keep keep; /* with --for or --all: only what these rules do not keep */
	const char *tag;	    /* with rules: only copies with this tag; NULL: with none */
	bool dry_run, json, quiet;
};
/**
 * Copies that a running command still uses (auto-release) are passed over by --for and --all, not when they are
 * named.  The first failure stops; when something was deleted by then, it is said and the code is VSS_PARTIAL.
 */
int vss_front_delete_shadows(const struct vss_front_delete *d, struct vss_err *err);

struct vss_front_expose {
	const char *id, *path;	    /* show this copy there */
	const char *share, *within; /* or as this share, from this directory of it on (NULL: all) */
	const char *remove;	    /* or take it away there */
	const char *unshare;	    /* or end this share */
	bool dry_run, quiet;
};
int vss_front_expose_shadow(const struct vss_front_expose *e, struct vss_err *err);

#endif
