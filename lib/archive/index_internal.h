/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_INDEX_INTERNAL_H
#define VSS_ARCHIVE_INDEX_INTERNAL_H

#include "archive/format_internal.h"
#include "archive/spool_internal.h"
#include "base/buf.h"

/**
 * The member index: who lies where, by path.  Private to this room.  Written: entries come in the
 * archive's order, are sorted in bounded memory, and become blocks (index_sort.c, index_write.c).
 * Read: only the top and the blocks that are needed (index_read.c).
 */
enum vss_index_flag { VSS_INDEX_DIGEST = 1, VSS_INDEX_HARDLINK = 2, VSS_INDEX_SPARSE = 4 };

struct vss_index_entry {
	const char *path; /* NUL-terminated; of an entry that was read: valid until the next call */
	size_t path_n;
	uint32_t mode; /* with type; of a hard link: a regular file */
	uint16_t flags;
	uint64_t at;			  /* of its first header block in the tar stream */
	uint64_t span;			  /* from there to where the next member begins */
	uint64_t size;			  /* of its content, holes included */
	unsigned char digest[VSS_DIGEST]; /* of its content as in the manifest, when VSS_INDEX_DIGEST */
};

/* As it lies in a block: LE16 length of path, LE16 flags, LE32 mode, LE64 at, LE64 span, LE64 size,
 * path, NUL, digest if there is one. */
#define VSS_INDEX_ENTRY_HEAD 32u
size_t vss_index_entry_bytes(const struct vss_index_entry *e);
void vss_index_entry_put(struct vss_buf *out, const struct vss_index_entry *e);
/** Bytes taken, or 0 when there is no whole, sensible entry in these `n`. */
size_t vss_index_entry_get(const unsigned char *p, size_t n, struct vss_index_entry *e);

/** Sorting. */
struct vss_index_sort;
struct vss_index_sort *vss_index_sort_new(int spool_dirfd);
void vss_index_sort_free(struct vss_index_sort *s);
int vss_index_sort_add(struct vss_index_sort *s, const struct vss_index_entry *e, struct vss_err *err);
/** Bring what was added so far into one sorted run.  VSS_INVALID when two members have one path;
 * more may be added afterwards. */
int vss_index_sort_settle(struct vss_index_sort *s, struct vss_err *err);
/** Read back in order: 1, or 0 at the end.  The first call ends the adding. */
int vss_index_sort_next(struct vss_index_sort *s, struct vss_index_entry *e, struct vss_err *err);

/** Writing, after everything was added. */
struct vss_index_write {
	int fd;			  /* at its end */
	uint64_t at;		  /* its position there: offsets of blocks count from 0 of this file */
	struct vss_spool *frames; /* frame records */
	struct vss_index_sort *members;
	struct vss_trailer trailer; /* all but top and digests filled in */
};
/** Blocks, top, trailer, seek table. */
int vss_index_write(struct vss_index_write *w, struct vss_err *err);

/** Reading. */
struct vss_index;
/** The index at the end of the file.  VSS_CORRUPT: none, or a damaged one. VSS_UNSUPPORTED: a
 * version newer than ours. */
struct vss_index *vss_index_open(int fd, struct vss_err *err);
void vss_index_free(struct vss_index *ix);
const struct vss_trailer *vss_index_trailer(const struct vss_index *ix);
uint64_t vss_index_bytes(const struct vss_index *ix); /* read from the file so far */
int vss_index_frame(struct vss_index *ix, uint64_t number, struct vss_frame_record *out, struct vss_err *err);

/** A place in the order of paths. */
struct vss_index_place {
	uint64_t block, entry;
};
/** The first entry whose path is not before `path`. */
int vss_index_seek(struct vss_index *ix, const char *path, struct vss_index_place *out, struct vss_err *err);
/** The entry there, and go on to the next place: 1, or 0 at the end. */
int vss_index_next(struct vss_index *ix, struct vss_index_place *place, struct vss_index_entry *e, struct vss_err *err);
/** The entry of exactly this path: 1, or 0.  Fastest when asked in order. */
int vss_index_find(struct vss_index *ix, const char *path, struct vss_index_entry *e, struct vss_err *err);

/** Blocks as the top lists them, first those of frames, then those of members: for verification. */
struct vss_index_block {
	uint64_t at;
	uint32_t bytes; /* the whole skippable frame */
	unsigned char digest[VSS_DIGEST];
};
uint64_t vss_index_blocks(const struct vss_index *ix);
void vss_index_block(const struct vss_index *ix, uint64_t number, struct vss_index_block *out);
/** Read it, digest checked, and its inner form too. */
int vss_index_check_block(struct vss_index *ix, uint64_t number, struct vss_err *err);

#endif
