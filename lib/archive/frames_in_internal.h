/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_FRAMES_IN_INTERNAL_H
#define VSS_ARCHIVE_FRAMES_IN_INTERNAL_H

#include "archive/format_internal.h"

/**
 * Data frames on their way in: fetched in order, digested and decompressed ahead by a pool, handed
 * out in order.  Private to this room.
 */

/** A frame as it is fetched. */
struct vss_frame_job {
	unsigned char *packed; /* to be filled; room is made by vss_frame_job_room() */
	size_t packed_cap;
	struct vss_frame_record frame; /* at, stored; content and digest too when `known` */
	bool known; /* content and digest are what the frame must have; else they are filled in by the pool */
	/* position of its content in the tar stream, when `placed`; else it follows the frame before */
	uint64_t content_at;
	bool placed;

	unsigned char *content; /* the pool's */
	size_t content_cap;
	struct vss_err err;
};
size_t vss_frame_packed_max(void); /* no frame of ours is longer */
/** Make room for `n` bytes in job->packed (at most vss_frame_packed_max()), keeping what is there. */
void vss_frame_job_room(struct vss_frame_job *job, size_t n);

/** Fill in the next frame: 1, 0 when there is none left, -1. */
typedef int vss_frame_fetch(void *ctx, struct vss_frame_job *job, struct vss_err *err);

struct vss_frames_in;
/** @threads 0: each frame is worked on when it is asked for, in the caller's thread. */
struct vss_frames_in *vss_frames_in_new(vss_frame_fetch *fetch, void *ctx, unsigned threads, struct vss_err *err);
void vss_frames_in_free(struct vss_frames_in *f);
/** The next frame's content, valid until the next call: 1, 0 at the end, -1. */
int vss_frames_in_next(struct vss_frames_in *f, const unsigned char **p, size_t *n, uint64_t *at, struct vss_err *err);
/** Called for each frame as it is handed out, in order. */
typedef int vss_frame_each(void *ctx, const struct vss_frame_record *f, struct vss_err *err);
void vss_frames_in_each(struct vss_frames_in *f, vss_frame_each *each, void *ctx);

#endif
