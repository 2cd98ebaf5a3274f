/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_EXCLUDE_H
#define VSS_REQUESTER_EXCLUDE_H

#include "base/err.h"
#include "base/str.h"
#include "writer/host.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * Files that no backup takes, as the administrator lists them in vss-exclude(5): FilesNotToBackup (B61).  A list that is named as
 * a writer is not in force while that writer takes part, which has excludes of its own (B62).
 */
struct vss_exclude {	      /* a line: DIR/SPEC */
	char *top;	      /* the part of DIR in front of the first wildcard, links resolved */
	struct vss_strv rest; /* the elements of DIR behind it */
	char *spec;
	bool below; /* also in all directories below DIR */
};
struct vss_exclude_list {
	char *name, *file;
	struct vss_exclude *v;
	size_t n, cap;
	const struct vss_writer *writer; /* while it takes part this is not in force; or NULL */
	bool off;			 /* another kind of writer that is there, and owns nothing: likewise */
	bool told, told_plain;		 /* that a component, or a path, lacks something by it */
};
struct vss_exclude_lists {
	struct vss_exclude_list *v;
	size_t n, cap;
};

/** Read all of vss_exclude_path.  VSS_INVALID and VSS_DENIED name the file, and the line. */
int vss_exclude_read(struct vss_exclude_lists *out, struct vss_err *err);
void vss_exclude_free(struct vss_exclude_lists *l);
/** Add one line; the caller has taken blanks and comments away. VSS_INVALID. */
int vss_exclude_add(struct vss_exclude_list *l, const char *line, struct vss_err *err);
bool vss_exclude_is_in_force(const struct vss_exclude_list *l);
/**
 * Is the file `name` in the directory `dir` (absolute, clean) on the list?  *depth is then how many bytes of `dir` DIR took
 * ("/" is one).
 */
const struct vss_exclude *vss_exclude_matches(
	const struct vss_exclude_list *l, const char *dir, const char *name, size_t *depth);
bool vss_exclude_means_all(const struct vss_exclude *x); /* whatever its name is */

#endif
