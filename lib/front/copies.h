/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_FRONT_COPIES_H
#define VSS_FRONT_COPIES_H

#include "base/str.h"
#include "front/expire.h"
#include "front/front.h"
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
	const char *path, *share;   /* the one that is exposed there, or by this share */
	enum vss_front_shape shape;
	const struct vss_uuid *own; /* a set that goes with the caller: its copies count as not in use; or NULL */
	uint32_t only;		    /* VSS_ATTR_* that the copies must have: others are passed over, or refused when named */
	/** Asked once before the first of `n` is deleted; false: none is, and that is no failure.  Or NULL. */
	bool (*confirm)(void *ctx, size_t n);
	void *ctx;
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
	const char *hide;	    /* or take this copy away from where it is */
	enum vss_front_shape shape; /* diskshadow's: client-accessible copies may be exposed, too */
	const struct vss_uuid *own; /* and those of this set, which go with the caller; or NULL */
	const char *word;	    /* what the user typed for the path or share, for what is said; NULL: as it is */
	bool dry_run, quiet;
};
int vss_front_expose_shadow(const struct vss_front_expose *e, struct vss_err *err);

/** Where copies are exposed, in one word: what has a slash is a directory, `NAME` and `\\HOST\NAME` of this host a share.  One of
 * them is set and points into `word`.  VSS_USAGE for shares of other machines. */
struct vss_front_where {
	const char *path, *share;
};
int vss_front_where(const char *word, struct vss_front_where *out, struct vss_err *err);

#endif
