/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_INDEX_READ_INTERNAL_H
#define VSS_ARCHIVE_INDEX_READ_INTERNAL_H

#include "archive/frame_internal.h"
#include "archive/index_internal.h"

/** What index_open.c and index_read.c share. */
#define VSS_BLOCK_HEAD (VSS_SKIP_HEAD + VSS_KIND)
#define VSS_BLOCK_RECORD (8u + 4u + VSS_DIGEST) /* of the top: offset, length, digest */

/** One block under hand. */
struct vss_loaded {
	uint64_t number; /* of all blocks; UINT64_MAX: none */
	unsigned char *bytes;
	size_t n;
	size_t *starts; /* of entries, for a member block */
	size_t nstarts, cap;
};

struct vss_index {
	int fd;
	struct vss_trailer trailer;
	struct vss_codec *codec;
	unsigned char *top; /* its content */
	size_t top_n;
	size_t *records; /* where each block's record stands in the top */
	uint32_t nframe_blocks, nmember_blocks;
	struct vss_loaded frames, members;
	struct vss_index_place hint; /* where the last find ended */
	uint64_t bytes;
};

/** Fails with VSS_CORRUPT: "archive: index: WHAT". */
int vss_index_damaged(struct vss_err *err, const char *what);
/** Read a skippable frame of ours, check its digest and kind; all of it goes to *out, the caller's. */
int vss_index_read_block(struct vss_index *ix, const struct vss_index_block *b, const char *kind, unsigned char **out,
	struct vss_err *err);
/** The same for a block whose body is a zstd frame: its content replaces out->bytes. */
int vss_index_read_packed(struct vss_index *ix, const struct vss_index_block *b, const char *kind,
	struct vss_loaded *out, struct vss_err *err);

#endif
