/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_WRITER_H
#define VSS_ARCHIVE_WRITER_H

#include "archive/member.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Writing an archive: vss-archive(5) is the canon.  Order of calls: documents of the head, then
 * members, then documents of the tail, then finish.  After any failure only _free may follow; a
 * stream that failed never gets a manifest. Frames are compressed by a pool; memory is bounded by
 * (threads + 2) frames whatever is archived.
 */
struct vss_archive_writer;

struct vss_archive_write_options {
	int fd; /* to write to, seekable or not; stays open */
	/* directory for the unlinked spool of index and manifest (beside the target), open as long as
	 * the writer; -1: $TMPDIR, else /var/tmp */
	int spool_dirfd;
	int level; /* zstd level, 0: 3 */
	/* that compress; 0: one per processor that we may use, at most 6 (about 8 MiB each) */
	unsigned threads;
	/* content of a frame: a multiple of 512, at most 4 MiB; 0: 4 MiB.  Small ones are for tests. */
	uint32_t frame_bytes;
	/* now and then, with the bytes of content taken so far; -1 stops with *err set; optional */
	int (*poll)(void *ctx, uint64_t content_bytes, struct vss_err *err);
	void *ctx;
};

struct vss_archive_writer *vss_archive_writer_new(const struct vss_archive_write_options *o, struct vss_err *err);

/** A document ".vss/NAME", mode 0600, from memory. */
int vss_archive_put_document(
	struct vss_archive_writer *w, const char *name, const void *data, size_t n, struct vss_err *err);

/**
 * One member, in any order (sorted depth first, per directory, by bytes, is fastest).  What cannot
 * be archived at all fails with VSS_UNSUPPORTED (a socket, a path over 64 KiB, more than 1 MiB of
 * extended attributes) or VSS_INVALID (an unsafe path, one below .vss, extents out of order) before
 * anything was written: the writer then goes on as if it had not been asked. Any other failure is
 * final.
 *
 * For a regular file without `hardlink` the content follows by vss_archive_put_data in order of
 * offset, data pieces only (for a sparse member exactly its extents), then vss_archive_end_member.
 * A reader finds extents widened to multiples of 512; those of a partial member exactly.
 */
int vss_archive_begin_member(struct vss_archive_writer *w, const struct vss_member *m, struct vss_err *err);
int vss_archive_put_data(struct vss_archive_writer *w, uint64_t at, const void *data, size_t n, struct vss_err *err);
/** Close the member.  When the file turned out shorter than its header says, `truncated` pads it
 * with zeros (and the caller reports it). */
int vss_archive_end_member(struct vss_archive_writer *w, bool truncated, struct vss_err *err);

/**
 * An entry of the tree that is as it was: its line goes into the manifest, its content is in archive `in` of the chain,
 * 0 being the full one (m->in and m->elsewhere are not looked at).  The digests are written where they are known
 * (has_digest, and attributes or has_xattr_digest).  Between members, or behind them.  Refused like a member that cannot
 * be archived, before anything was written.
 *
 * A file of which an archive has ranges only (m->partial) is put twice: its ranges as a member (m->sparse, extents in
 * order), and this line, which says where the whole file is that the ranges of all archives behind `in` go over.  An
 * increment without ranges of its own carries on such a line of its base.
 */
int vss_archive_put_unchanged(
	struct vss_archive_writer *w, const struct vss_member *m, unsigned in, struct vss_err *err);

/** Manifest (the commit record), index, seek table, trailer.  The data is written, not yet synced. */
int vss_archive_finish(struct vss_archive_writer *w, struct vss_err *err);

struct vss_archive_totals {
	uint64_t members, content_bytes, compressed_bytes, frames;
};
void vss_archive_writer_totals(const struct vss_archive_writer *w, struct vss_archive_totals *out);
void vss_archive_writer_free(struct vss_archive_writer *w);

#endif
