/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_REQUESTER_PLACING_INTERNAL_H
#define VSS_REQUESTER_PLACING_INTERNAL_H

#include "requester/restore_files.h"
#include "tree/put.h"
#include "tree/room.h"

/**
 * What the files of placing share.
 *
 *	placing.c	    where a member goes
 *	placing_check.c	    before the first write
 *	placing_tell.c	    a dry run
 *	placing_run.c	    putting
 *	placing_frame.c	    before the first archive of a chain: the directories that the last one has
 *	placing_partial.c   ranges of a file over what is there
 *	placing_directed.c  ranges of a file into other files
 */
struct placing_run {
	struct vss_placing *p;
	struct vss_put *put;
	int fd;		 /* of the file in the making */
	size_t stripped; /* members that lost a privilege, because the archive is not trusted */
};

/**
 * Members that have only ranges of their file (R40) go over what lies at their destination.  Is that what an earlier image of
 * this restore puts there?  Then it may be replaced, and it is no file more.
 */
bool placing_is_layer(const struct vss_placing *p, const struct vss_member *m);
/** Before the first write: VSS_UNSUPPORTED when what is wished for a plain file that is there cannot be done with one. */
int placing_check_layer(const struct vss_placing *p, const struct vss_destination *d, struct vss_err *err);
/**
 * As vss_put_open, but the new file begins as a copy of what lies at `path`, so that the ranges can be written over it and
 * everything gets its name at once: a run that is killed leaves the file as it was.  Blocks are shared where the file system can;
 * elsewhere there must be room for the copy.  VSS_ABSENT when nothing is there: nobody knows the rest.
 */
int placing_open_over(struct placing_run *r, const struct vss_member *m, const char *path, struct vss_err *err);
/** VSS_APPLY_* for what is put. */
unsigned placing_apply_flags(const struct vss_placing *p);
/** Make the directories that are wanted of this archive, where they are missing: files of others come first. */
int placing_make_frame(struct vss_placing *p, struct vss_err *err);
/** A directory on the way to what is wanted. */
int placing_put_way(struct placing_run *r, const struct vss_member *m, struct vss_err *err);
/** The content of the member just read, to r->fd. */
int placing_write_content(struct placing_run *r, const struct vss_member *m, struct vss_err *err);
/**
 * The ranges of a file into the files that its writer names for them (R37..R39), which are made where missing and keep what else
 * is in them.  Nothing of them is changed before the whole content has been read and its digest seen to be right.
 */
int placing_put_ranges(struct placing_run *r, const struct vss_member *m, const struct vss_destination *d,
	const struct vss_attr *a, struct vss_err *err);

#endif
