/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_TAKE_FILE_H
#define VSS_REQUESTER_TAKE_FILE_H

#include "requester/take.h"
#include "tree/links.h"

#include <sys/stat.h>

/** The running state of vss_take_all: what one file needs to know of the others. */
struct vss_overlay;
struct vss_taking {
	struct vss_take *take;
	struct vss_links *links;
	struct vss_overlay *overlay;
	struct vss_strv roots; /* where walks begin, sorted */
	char *buffer;
};
#define VSS_TAKE_BUFFER (1u << 20)

/** What a walk has come to. */
struct vss_take_entry {
	int dirfd;
	const char *name; /* in dirfd */
	const char *path; /* absolute, as it is archived */
	const struct stat *st;
};
/**
 * Put the entry into the archive, or only count it.  0: taken or left out on purpose; 1: it could not be
 * taken and was named; -1.
 */
int vss_take_file(struct vss_taking *t, const struct vss_take_entry *e, struct vss_err *err);

/**
 * The root of the volume's copy, for reading. Everything below it is opened beneath this descriptor: a link in the
 * copy leads nowhere.
 */
int vss_take_open_copy(const struct vss_take *t, const struct vss_plan_place *at, struct vss_err *err);
/** The directory in the copy that holds `inner`, whose last element is *base. */
int vss_take_open_above(int copy, const char *inner, const char **base, struct vss_err *err);

/** A thing that could not be taken: name it, count it, fail its components. */
void vss_take_failed(struct vss_take *t, const char *path, mode_t type, const char *why);

#endif
