/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_FRAME_INTERNAL_H
#define VSS_ARCHIVE_FRAME_INTERNAL_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One zstd frame at a time.  Private to this room, and the only place that knows zstd.  A codec is
 * used by one thread. */
struct vss_codec;

/** @level 0: 3.  NULL: VSS_INVALID for a level that zstd does not have. */
struct vss_codec *vss_codec_new(int level, struct vss_err *err);
void vss_codec_free(struct vss_codec *c);

/** Room that `n` bytes need when compressed, at worst. */
size_t vss_frame_bound(size_t n);

/** Compress into one frame with content size and checksum; *out bytes were written.  `cap` is at
 * least vss_frame_bound(n). */
int vss_frame_pack(
	struct vss_codec *c, void *dst, size_t cap, const void *src, size_t n, size_t *out, struct vss_err *err);

/** How many bytes a frame says that it holds; 0 when it does not say, or is none. */
size_t vss_frame_content(const void *src, size_t n);

/** Decompress: `src` must be exactly one frame as _pack makes them, its content at most `cap` bytes;
 * else VSS_INVALID. VSS_CORRUPT: damaged. */
int vss_frame_unpack(
	struct vss_codec *c, void *dst, size_t cap, const void *src, size_t n, size_t *out, struct vss_err *err);

/**
 * Finding where a frame ends while it is being read: call with the bytes had so far; it says how
 * many bytes are known to belong to the frame.  While need > n, read up to need bytes and call
 * again; when `whole` the frame is need bytes long.  VSS_INVALID: not a frame.
 */
struct vss_frame_shape {
	bool skippable;
	bool whole;
	uint64_t need;
	size_t scanned; /* where the walk over the blocks stands; 0 at first */
};
int vss_frame_measure(const unsigned char *p, size_t n, struct vss_frame_shape *shape, struct vss_err *err);

#endif
