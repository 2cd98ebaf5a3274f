/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_READER_H
#define VSS_ARCHIVE_READER_H

#include "archive/member.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Reading an archive.  Everything in it is untrusted: sizes are bounded, frames are checked against
 * the index's digests, content against the manifest's.  A seekable archive is read through its
 * index (one file: the index and the frames it lies in); without an index it is scanned, with a
 * warning; from a pipe it is read front to back and its manifest is seen at the end.
 */
struct vss_archive_reader;

enum vss_archive_state {
	VSS_ARCHIVE_WHOLE,    /* manifest and index there and in agreement */
	VSS_ARCHIVE_NO_INDEX, /* manifest there, index lost or damaged: rebuilt by a scan, a warning was logged */
	VSS_ARCHIVE_STREAM    /* not seekable: known at the end only */
};

/**
 * VSS_INVALID: not an archive of ours.  VSS_CORRUPT: incomplete (no manifest) or damaged beyond
 * use; the text says which. `fd` stays open. Archive format version newer than ours:
 * VSS_UNSUPPORTED.
 */
struct vss_archive_reader *vss_archive_open(int fd, struct vss_err *err);
enum vss_archive_state vss_archive_state(const struct vss_archive_reader *r);
void vss_archive_reader_free(struct vss_archive_reader *r);

/** The document ".vss/NAME" (at most `limit` bytes).  0; 1 when there is none.  For a stream: only
 * those of the head, and the tail's after the last member. */
int vss_archive_document(
	struct vss_archive_reader *r, const char *name, size_t limit, struct vss_buf *out, struct vss_err *err);
/** From now on this is the document of that name, whatever the archive has.  The text is copied. */
void vss_archive_put_in_place(struct vss_archive_reader *r, const char *name, const struct vss_buf *text);
/** Names of the documents there ("writers/x.xml" ...), in order, behind those that were put in place. */
int vss_archive_documents(struct vss_archive_reader *r, int (*each)(void *ctx, const char *name, struct vss_err *err),
	void *ctx, struct vss_err *err);

/**
 * Which members to visit: called for each member's path from the index (or, for a stream, from its
 * header); true = wanted.  NULL: all. `want` may be asked more than once for a path and must answer
 * alike.  Selecting starts again at the first member (not in a stream). Frames that hold nothing
 * wanted are not read.  A wanted hard link whose first name is not wanted: the reader delivers the
 * content under the wanted name (m->hardlink NULL) when it can seek; in a stream it fails with
 * VSS_UNSUPPORTED naming both.
 */
typedef bool vss_archive_want(void *ctx, const char *path, mode_t type);
int vss_archive_select(struct vss_archive_reader *r, vss_archive_want *want, void *ctx, struct vss_err *err);
/**
 * The same for the members named exactly and everything below them, found by the index alone: use
 * this where it will do. `paths` stay the caller's and must live as long as the selection; "."
 * selects all.
 */
int vss_archive_select_paths(struct vss_archive_reader *r, const char *const *paths, size_t n, struct vss_err *err);

/**
 * The next selected data member: 1 with *m filled (cleared first; the caller clears it at last), 0
 * at the end, -1.  At the end of everything a stream has been checked against its manifest: digests
 * that do not match give VSS_CORRUPT naming the first path.
 */
int vss_archive_next(struct vss_archive_reader *r, struct vss_member *m, struct vss_err *err);
/** Content of the member just returned, in pieces, data only, ascending; returns after the last
 * piece with the digest checked where the manifest is known. */
typedef int vss_archive_data(void *ctx, uint64_t at, const void *data, size_t n, struct vss_err *err);
int vss_archive_content(struct vss_archive_reader *r, vss_archive_data *data, void *ctx, struct vss_err *err);

/** Each member by the index alone, in the order of paths: path, mode, and the size of its content (0
 * for a further name of a file).  No frame is read.  Seekable only: else VSS_UNSUPPORTED. */
int vss_archive_each(struct vss_archive_reader *r,
	int (*each)(void *ctx, const struct vss_member *m, struct vss_err *err), void *ctx, struct vss_err *err);

/** Each member as the manifest has it, in order: no extents, and of attributes the digest only.  Data frames are not
 * touched (seekable only: else VSS_UNSUPPORTED).  For list-backups. */
int vss_archive_manifest(struct vss_archive_reader *r,
	int (*each)(void *ctx, const struct vss_member *m, struct vss_err *err), void *ctx, struct vss_err *err);

/** The same with the lines of an increment that speak of what is elsewhere (m->elsewhere), members and they in the
 * order of the manifest: the whole state.  A file of which there are ranges comes as a member (m->partial) and as such a
 * line (m->partial and m->elsewhere). */
int vss_archive_state_lines(struct vss_archive_reader *r,
	int (*each)(void *ctx, const struct vss_member *m, struct vss_err *err), void *ctx, struct vss_err *err);

/** What was read so far, for tests, bench and `-v`. */
struct vss_archive_reads {
	uint64_t frames, compressed_bytes, index_bytes;
};
void vss_archive_reader_reads(const struct vss_archive_reader *r, struct vss_archive_reads *out);

/**
 * Verify everything: every byte of the file is covered by some digest or fixed by the format, so
 * any flipped bit, truncation or swap is found.  `bad` is called for each thing that is wrong (and
 * may be NULL).  0 whole; 1 damaged; -1 could not look, or not an archive of ours (VSS_INVALID).
 * `poll` (optional) hears how far it is; -1 stops.
 */
int vss_archive_verify(int fd, void (*bad)(void *ctx, const char *text), void *ctx,
	int (*poll)(void *ctx, uint64_t bytes, struct vss_err *err), struct vss_err *err);

#endif
