/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_TAR_INTERNAL_H
#define VSS_ARCHIVE_TAR_INTERNAL_H

#include "archive/format_internal.h"
#include "archive/member.h"
#include "archive/tar_in_internal.h"
#include "base/buf.h"

/**
 * One member as tar has it: pax records where ustar's fields are too small or too coarse, then a
 * ustar header, then for a file with holes its map (GNU.sparse 1.0).  Private to this room.
 * Reading knows what writing makes, and pax records of others are passed over; anything else is
 * VSS_CORRUPT.
 */

/* What has no pax record travels in comments: GNU tar complains of records that it does not know. */
#define VSS_TAR_TYPE_COMMENT "vss-type="     /* of a hard link that is no regular file; ustar's letter follows */
#define VSS_TAR_INODE_COMMENT "vss-inode="   /* the number of the inode */
#define VSS_TAR_RANGES_COMMENT "vss-ranges=" /* of a file of which only these are here: OFFSET:LENGTH,... */

/** Can it be archived?  VSS_UNSUPPORTED, VSS_INVALID. */
int vss_tar_check(const struct vss_member *m, struct vss_err *err);
/** Append all that comes before the content.  *stored is the number of content bytes that follow (to
 * be padded to whole blocks). */
int vss_tar_encode(struct vss_buf *out, const struct vss_member *m, uint64_t *stored, struct vss_err *err);

/** The name of a member in the archive: its path, or that below .vss/partial, in *room (the caller frees it). */
const char *vss_stored_path(const struct vss_member *m, char **room);

struct vss_tar_entry {
	struct vss_member m;
	uint64_t at;	 /* of its first header block */
	uint64_t data;	 /* where its content begins */
	uint64_t stored; /* content bytes there */
	uint64_t next;	 /* where the next member begins */
};
/** The next member; `e` is cleared first, and stays the caller's to clear.  1; 0 at the end of the
 * archive (its first zero block was read); -1. */
int vss_tar_decode(struct vss_tar_in *c, struct vss_tar_entry *e, struct vss_err *err);
void vss_tar_entry_clear(struct vss_tar_entry *e);

static inline uint64_t
vss_tar_padding(uint64_t n)
{
	return (VSS_TAR_BLOCK - n % VSS_TAR_BLOCK) % VSS_TAR_BLOCK;
}

#endif
