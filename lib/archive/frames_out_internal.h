/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_FRAMES_OUT_INTERNAL_H
#define VSS_ARCHIVE_FRAMES_OUT_INTERNAL_H

#include "archive/format_internal.h"
#include "archive/spool_internal.h"

/**
 * The tar stream on its way out: cut into frames, compressed and digested by a pool, written in
 * order.  One frame record per frame goes into a spool.  Private to this room.
 */
struct vss_frames_out;

struct vss_frames_out_options {
	int fd;
	int level;
	unsigned threads;
	uint32_t frame_bytes;
	struct vss_spool *table; /* stays the caller's: vss_frame_spool_put/_get say what lies in it */
};

struct vss_frames_out *vss_frames_out_new(const struct vss_frames_out_options *o, struct vss_err *err);
void vss_frames_out_free(struct vss_frames_out *f);

int vss_frames_out_put(struct vss_frames_out *f, const void *p, size_t n, struct vss_err *err);
int vss_frames_out_zeros(struct vss_frames_out *f, uint64_t n, struct vss_err *err);
uint64_t vss_frames_out_at(const struct vss_frames_out *f); /* content put so far */
/** Write the last frame too.  Nothing may be put after. */
int vss_frames_out_end(struct vss_frames_out *f, struct vss_err *err);
uint64_t vss_frames_out_count(const struct vss_frames_out *f);	/* frames written */
uint64_t vss_frames_out_stored(const struct vss_frames_out *f); /* compressed bytes written */

int vss_frame_spool_put(struct vss_spool *s, const struct vss_frame_record *f, struct vss_err *err);
/** 1, or 0 at the end. */
int vss_frame_spool_get(struct vss_spool_cursor *c, struct vss_frame_record *f, struct vss_err *err);

#endif
