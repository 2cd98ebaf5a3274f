/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_PIECES_INTERNAL_H
#define VSS_ARCHIVE_PIECES_INTERNAL_H

#include "archive/member.h"
#include "base/err.h"

/**
 * The content of one member, as a caller gives it piece by piece, made into what lies in the archive: of a file with holes,
 * or of which there are ranges, pieces of whole blocks, with zeros where the caller has none.  Private to this room.
 */
struct vss_pieces {
	int (*put)(void *ctx, const void *data, size_t n, struct vss_err *err); /* takes what lies in the archive */
	void *ctx;
	uint64_t promised, given;    /* bytes of content by the caller's member, and those that came */
	uint64_t stored, taken;	     /* the same of what lies in the archive */
	struct vss_member_extent *v; /* by the header; one that is all of a file without holes */
	size_t n, at;
};

/** Begin with the member: has it no content, there are no pieces. */
void vss_pieces_start(struct vss_pieces *p, const struct vss_member *m);
/** VSS_INVALID: data where the member promised none. */
int vss_pieces_put(struct vss_pieces *p, uint64_t at, const void *data, size_t n, struct vss_err *err);
/** Zeros for what is missing.  VSS_INVALID: less came than was promised, and it is not `truncated`. */
int vss_pieces_end(struct vss_pieces *p, bool truncated, struct vss_err *err);
void vss_pieces_free(struct vss_pieces *p);

#endif
