/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VSS_ARCHIVE_READER_INTERNAL_H
#define VSS_ARCHIVE_READER_INTERNAL_H

#include "archive/index_internal.h"
#include "archive/reader.h"
#include "archive/scan_internal.h"

/** What the files of the reader share.  Private to them. */

/**
 * A stretch of the tar stream read through the index: what documents, the manifest, single members
 * and whole runs of frames have in common.
 */
struct vss_span {
	struct vss_index *index;
	int fd;
	struct vss_archive_reads *reads; /* counted here; or NULL */
	struct vss_frames_in *in;
	struct vss_tar_in content;
	uint64_t next, end;	     /* frames still to be fetched */
	const struct vss_plan *plan; /* NULL: every one of them */
};
/** @threads as for frames; frames from the one that holds `at` up to the one before `end_at` are
 * fetched. */
int vss_span_open(struct vss_span *s, unsigned threads, uint64_t at, uint64_t end_at, struct vss_err *err);
void vss_span_close(struct vss_span *s);
/** Put the position anywhere, back too; only without threads. */
void vss_span_go(struct vss_span *s, uint64_t at);

/** Which frames a selection needs, and in which blocks of each the wanted members begin. */
struct vss_plan_frame {
	uint16_t first, last; /* blocks of the frame; VSS_PLAN_NONE: no wanted member begins here */
	bool needed;
};
#define VSS_PLAN_NONE UINT16_MAX
struct vss_plan {
	struct vss_plan_frame *frames;
	uint64_t nframes, nneeded;
	uint32_t frame_bytes;
};
struct vss_plan *vss_plan_new(const struct vss_trailer *t);
void vss_plan_free(struct vss_plan *p);
void vss_plan_want(struct vss_plan *p, uint64_t at, uint64_t span);
/** Where, at `*at` or behind it, the next wanted member may begin: true, or false when there is
 * none. */
bool vss_plan_next(const struct vss_plan *p, uint64_t *at);

/** Documents of a stream, kept as they come by. */
struct vss_stream_docs {
	struct vss_stream_doc {
		char *name;
		struct vss_buf text;
	} * v;
	size_t n, cap, bytes;
};
#define VSS_STREAM_DOCS_LIMIT (32u << 20) /* all together */

struct vss_archive_reader {
	int fd;
	enum vss_archive_state state;
	vss_archive_want *want; /* the selection; none, paths, or a question */
	void *want_ctx;
	const char *const *paths;
	size_t npaths;

	/* seekable */
	struct vss_index *index;
	int index_fd; /* of an index that was made again; else -1 */
	struct vss_digest *digest;
	struct vss_plan *plan;
	struct vss_span data;	/* the sequence of members */
	struct vss_span single; /* members and documents out of their order */
	uint64_t at;		/* where the next member begins */
	void *links;		/* first names that were given away: search.h */
	struct vss_archive_reads reads;

	/* a stream */
	struct vss_scan scan;
	struct vss_stream_docs docs;
	struct vss_stream_docs put; /* documents that take the place of the archive's */
	bool held; /* the scan stands on a member that was not delivered yet */

	/* the member delivered last, as far as its content needs it */
	struct vss_tar_entry e;
	struct vss_tar_in *from;
	unsigned char expected[VSS_DIGEST];
	bool open;
};

/* reader_put.c */
/** What was put in the place of this document, or NULL. */
const struct vss_buf *vss_reader_put(const struct vss_archive_reader *r, const char *name);
void vss_reader_forget_put(struct vss_archive_reader *r);

bool vss_reader_wants(const struct vss_archive_reader *r, const char *path, mode_t mode);
/** Give the member in `e` to the caller; what its content needs stays. */
void vss_reader_deliver(struct vss_archive_reader *r, struct vss_tar_entry *e, struct vss_member *m);

int vss_stream_open(struct vss_archive_reader *r, struct vss_err *err);
int vss_stream_next(struct vss_archive_reader *r, struct vss_member *m, struct vss_err *err);
int vss_stream_document(
	struct vss_archive_reader *r, const char *name, size_t limit, struct vss_buf *out, struct vss_err *err);
void vss_stream_close(struct vss_archive_reader *r);

/** A hard link whose first name is not wanted: content, or another link, under the wanted name. */
int vss_reader_resolve_link(struct vss_archive_reader *r, struct vss_tar_entry *e, struct vss_err *err);
void vss_reader_forget_links(struct vss_archive_reader *r);

/** Make the index of a seekable archive again, in an unlinked file: r->index and r->index_fd. */
int vss_reader_rebuild(struct vss_archive_reader *r, struct vss_err *err);

#endif
