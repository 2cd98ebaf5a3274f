/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_TAKE_FILE_H
#define VSS_REQUESTER_TAKE_FILE_H

#include "archive/member.h"
#include "requester/increment.h"
#include "requester/take.h"
#include "tree/copy.h"
#include "tree/links.h"

#include <sys/stat.h>

/** The running state of vss_take_all: what one file needs to know of the others. */
struct vss_overlay;
struct vss_taking {
	struct vss_take *take;
	struct vss_links *links; /* files with several names that are in the archive */
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
	const char *volume; /* the ID of the volume whose inodes and times its copy keeps, or NULL */
};
/**
 * Put the entry into the archive, or only count it.  0: taken or left out on purpose; 1: it could not be
 * taken and was named; -1.
 */
int vss_take_file(struct vss_taking *t, const struct vss_take_entry *e, struct vss_err *err);
/** The same, whatever an increment would make of it. */
int vss_take_as(struct vss_taking *t, const struct vss_take_entry *e, const struct vss_increment_answer *answer,
	struct vss_err *err);

/** The entry on its way into the archive. */
struct vss_taking_entry {
	const struct vss_take_entry *entry;
	const struct vss_increment_answer *answer; /* of an increment, else NULL */
	struct vss_member m;
	int fd;			/* of a regular file or a directory, else -1 */
	struct vss_extents map; /* of the data, once somebody has asked for it */
	bool mapped;
};
/** Look where its data is; m knows it, too.  0, 1 with *why, as nothing else can go wrong. */
int vss_take_map(struct vss_taking_entry *x, struct vss_err *why);
/** Read the pieces.  0; 1 with *why when the file ended early or could not be read; -1. */
typedef int vss_take_sink(void *ctx, uint64_t at, const void *data, size_t n, struct vss_err *err);
struct vss_take_reading {
	vss_take_sink *sink;
	void *ctx;
	struct vss_err why;
};
int vss_take_read(
	struct vss_taking *t, int fd, const struct vss_extents *x, struct vss_take_reading *r, struct vss_err *err);
/** A vss_take_sink: into the open member; ctx is the struct vss_taking. */
int vss_take_put(void *ctx, uint64_t at, const void *data, size_t n, struct vss_err *err);
/** The member, without its content.  0; 1: no archive can hold it, which was named; -1. */
int vss_take_begin(struct vss_taking *t, const struct vss_taking_entry *x, struct vss_err *err);
/** `more` bytes of content are done. */
int vss_take_progress(struct vss_take *t, uint64_t more, struct vss_err *err);

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
