/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_SPARSE_INTERNAL_H
#define VSS_ARCHIVE_SPARSE_INTERNAL_H

#include "archive/tar_internal.h"

/**
 * The data map of a file with holes, as it lies in front of the content (GNU.sparse 1.0): the
 * number of pieces, then offset and length of each, in decimal lines, padded to whole blocks.
 * Private to this room.
 *
 * GNU tar begins the data of each piece at a block, libarchive where the piece before ended.  So
 * that both find the same, pieces are made of whole blocks of the file; only one that ends where
 * the file ends, or the last, may be shorter.
 */

/** Are the extents in order, within the file, and few enough?  VSS_INVALID, VSS_UNSUPPORTED. */
int vss_sparse_check(const struct vss_member *m, struct vss_err *err);
/** The pieces of `m`, widened to whole blocks and joined where they meet, into `out` (room for
 * m->nextents); returns how many. */
size_t vss_sparse_widen(const struct vss_member *m, struct vss_member_extent *out);
/** Append the map, its pieces widened; returns the bytes of data that it speaks of. */
uint64_t vss_sparse_put(struct vss_buf *map, const struct vss_member *m);
/** The ranges of a partial member as text, and back: exactly as they were given, into m->extents. */
void vss_sparse_put_ranges(struct vss_buf *out, const struct vss_member *m);
int vss_sparse_take_ranges(struct vss_member *m, const char *text, size_t n, struct vss_err *err);
/** Read the map into e->m (its size is known), and set where the data begins and how much is stored.  A partial member has
 * its ranges already, and keeps them: the map must be what they come to, widened. */
int vss_sparse_read(struct vss_tar_in *c, struct vss_tar_entry *e, struct vss_err *err);

#endif
