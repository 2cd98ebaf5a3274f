/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_MODEL_RANGES_H
#define VSS_MODEL_RANGES_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/**
 * Byte ranges of a file (B50, B51, R37..R39): in the order in which they were given, each at least one byte long, none past
 * 2^63-1.
 */
struct vss_range {
	uint64_t at, len;
};
struct vss_ranges {
	struct vss_range *v;
	size_t n, cap;
};
#define VSS_RANGES_MAX (1u << 20)

void vss_ranges_clear(struct vss_ranges *r);
/** "OFFSET:LENGTH,...", decimal or 0x; VSS_INVALID. */
int vss_ranges_parse(const char *text, struct vss_ranges *out, struct vss_err *err);
/** The path of "File=/absolute/path" or "/absolute/path", or NULL when `text` holds the ranges themselves; points into `text`. */
const char *vss_ranges_file(const char *text);
/** The content of such a file: U64 count, then count pairs of U64 offset and length, little-endian; none are allowed there. */
int vss_ranges_read(const void *data, size_t n, struct vss_ranges *out, struct vss_err *err);
/** Bytes in all of them; UINT64_MAX when that cannot hold it. */
uint64_t vss_ranges_total(const struct vss_ranges *r);
/** Sorted by offset, joined where they touch; two that overlap are one. */
void vss_ranges_normalise(struct vss_ranges *r);
/** Each of `from` onto `to` piece by piece, both in their order; VSS_INVALID when their totals differ (R39). */
int vss_ranges_map(const struct vss_ranges *from, const struct vss_ranges *to,
	int (*each)(void *ctx, uint64_t from, uint64_t to, uint64_t len, struct vss_err *err), void *ctx,
	struct vss_err *err);

#endif
