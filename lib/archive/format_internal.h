/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_FORMAT_INTERNAL_H
#define VSS_ARCHIVE_FORMAT_INTERNAL_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * The numbers of the archive format, version 1, and its fixed records: vss-archive(5) is the canon.
 * Private to this room.
 *
 *	data frames	the tar stream, cut every `frame_bytes`: zstd frames with content size and checksum
 *	frame blocks	where each data frame lies, and its digest		  \
 *	member blocks	members by path: where each lies, and its digest	   > in skippable frames
 *	top		where the blocks lie, and their digests			  |
 *	trailer		where the top lies; digests of top, seek table and itself /
 *	seek table	zstd's seekable format; a skippable frame, the last one by that format's rule
 */
#define VSS_ARCHIVE_VERSION 1
#define VSS_ARCHIVE_FORMAT_LINE "vss-archive 1\n"

#define VSS_DOC_DIR ".vss"
#define VSS_DOC_PREFIX ".vss/"
#define VSS_DOC_FORMAT ".vss/format"
#define VSS_DOC_MANIFEST ".vss/manifest.mtree"
#define VSS_PARTIAL_DIR ".vss/partial"
#define VSS_PARTIAL_PREFIX ".vss/partial/"

#define VSS_TAR_BLOCK 512u
#define VSS_TAR_RECORD 10240u	 /* the whole tar stream is a multiple of this: 20 blocks, as tar(1) writes */
#define VSS_FRAME_MAX (4u << 20) /* content of a data frame; a multiple of VSS_TAR_BLOCK, so blocks never straddle */

/* Limits, the same for writing and reading: what is read is bounded by them before anything is
 * allocated. */
#define VSS_PATH_LIMIT 65535u
#define VSS_PAX_LIMIT (1u << 20)      /* records of one member; libarchive reads no more either */
#define VSS_EXTENT_LIMIT (1u << 20)   /* pieces of one sparse file */
#define VSS_LINE_LIMIT (1u << 20)     /* one line of the manifest */
#define VSS_MEMBER_BLOCK (128u << 10) /* content at which a member block is closed; one entry more at most */
#define VSS_MEMBER_BLOCK_LIMIT (VSS_MEMBER_BLOCK + VSS_PATH_LIMIT + 128u)
#define VSS_FRAMES_PER_BLOCK 1024u
#define VSS_TOP_LIMIT (64u << 20)
#define VSS_CHAIN_LIMIT 65535u /* archives that one may build on */

#define VSS_DIGEST 32u /* SHA-256 */

/* Skippable frames: magic, length of the rest (both LE32), then, in ours, four letters of kind. */
#define VSS_SKIP_MAGIC 0x184D2A56u
#define VSS_SEEK_MAGIC 0x184D2A5Eu
#define VSS_SEEK_END_MAGIC 0x8F92EAB1u
#define VSS_SKIP_HEAD 8u
#define VSS_KIND 4u
#define VSS_KIND_FRAMES "VSSF"
#define VSS_KIND_MEMBERS "VSSM"
#define VSS_KIND_TOP "VSST"
#define VSS_KIND_END "VSSE"

/* LE64 offset, LE32 compressed length, LE32 content length, digest of the compressed bytes */
#define VSS_FRAME_RECORD 48u
#define VSS_SEEK_RECORD 12u /* LE32 compressed length, LE32 content length, LE32 checksum */
#define VSS_SEEK_FOOTER 9u  /* LE32 number of frames, flags, LE32 magic */

/** Where a data frame lies and what it must be. */
struct vss_frame_record {
	uint64_t at;
	uint32_t stored; /* compressed bytes */
	uint32_t content;
	uint32_t check;			  /* the frame's own checksum: for the seek table; not in the frame blocks */
	unsigned char digest[VSS_DIGEST]; /* of the compressed bytes */
};
void vss_frame_record_put(unsigned char out[VSS_FRAME_RECORD], const struct vss_frame_record *f);
void vss_frame_record_get(const unsigned char in[VSS_FRAME_RECORD], struct vss_frame_record *f);

/** The trailer, decoded. */
struct vss_trailer {
	uint32_t frame_bytes; /* content of each data frame but the last */
	uint64_t frames;
	uint64_t data_bytes;		     /* compressed: the index starts here */
	uint64_t content_bytes;		     /* of the tar stream */
	uint64_t members;		     /* documents and manifest included */
	uint64_t manifest_at, manifest_span; /* of the manifest's member within the tar stream */
	uint64_t top_at, top_bytes;	     /* the whole skippable frame */
	unsigned char top_digest[VSS_DIGEST];
	unsigned char seek_digest[VSS_DIGEST]; /* of the whole skippable frame of the seek table */
};

/* As it lies in the file: bytes only. */
struct vss_trailer_bytes {
	unsigned char magic[4], length[4], kind[4], version[4], frame_bytes[4], reserved[4];
	unsigned char frames[8], data_bytes[8], content_bytes[8], members[8], manifest_at[8], manifest_span[8];
	unsigned char top_at[8], top_bytes[8], top_digest[VSS_DIGEST], seek_digest[VSS_DIGEST];
	unsigned char digest[VSS_DIGEST]; /* of everything before */
};
_Static_assert(sizeof(struct vss_trailer_bytes) == 184, "the trailer has 184 bytes");
#define VSS_TRAILER_BYTES sizeof(struct vss_trailer_bytes)

int vss_trailer_put(struct vss_trailer_bytes *out, const struct vss_trailer *t, struct vss_err *err);
/** Fails with VSS_CORRUPT, or with VSS_UNSUPPORTED when the version is newer than ours. */
int vss_trailer_get(const struct vss_trailer_bytes *in, struct vss_trailer *t, struct vss_err *err);

/** Is this path the archive's own (".vss" or below)?  A file of the user's is never called so. */
bool vss_is_reserved(const char *path);
/** Is it, as it lies in the archive, a document's?  Below .vss/partial are ranges of files. */
bool vss_is_document(const char *stored);
/** The path of the file whose ranges lie at `stored`: points into it; NULL when it is no such place. */
const char *vss_partial_path(const char *stored);
/** May a member be called so?  "." or a safe relative path within the limit. */
bool vss_is_member_path(const char *path, size_t n);
/** The archive's order: depth first, per directory, by bytes; so '/' sorts before every other byte. */
int vss_path_order(const char *a, size_t an, const char *b, size_t bn);

#endif
