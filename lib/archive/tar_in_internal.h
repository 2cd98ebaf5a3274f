/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_TAR_IN_INTERNAL_H
#define VSS_ARCHIVE_TAR_IN_INTERNAL_H

#include "archive/frames_in_internal.h"

/**
 * The tar stream as it comes out of the frames: a position, and pieces of memory without copies.
 * Private to this room.  Forward only.
 */
struct vss_tar_in {
	struct vss_frames_in *in;   /* the caller's */
	const unsigned char *frame; /* the frame under hand, valid until the next is fetched */
	size_t frame_n;
	uint64_t frame_at;
	uint64_t at; /* position; it may be behind the frame under hand: then frames are passed over */
};

/** The next block of VSS_TAR_BLOCK bytes: 1, or 0 at the end of the stream (a part of a block is
 * VSS_CORRUPT). */
int vss_tar_in_block(struct vss_tar_in *c, const unsigned char **p, struct vss_err *err);
/** Between 1 and `most` bytes: *n is 0 at the end of the stream. */
int vss_tar_in_piece(struct vss_tar_in *c, uint64_t most, const unsigned char **p, size_t *n, struct vss_err *err);
/** Exactly `n` bytes into `out`; an earlier end is VSS_CORRUPT. */
int vss_tar_in_copy(struct vss_tar_in *c, void *out, size_t n, struct vss_err *err);
/** Go on at `at`, which is not before the position. */
void vss_tar_in_go(struct vss_tar_in *c, uint64_t at);

#endif
