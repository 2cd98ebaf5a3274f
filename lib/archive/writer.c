/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/writer.h"

#include "archive/digest_internal.h"
#include "archive/frames_out_internal.h"
#include "archive/index_internal.h"
#include "archive/manifest_internal.h"
#include "archive/pieces_internal.h"
#include "archive/pool_internal.h"
#include "archive/tar_internal.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define POLL_BYTES (4u << 20)

/* The member under way. */
struct current {
	bool open;
	struct vss_index_entry entry;
	struct vss_buf path, line, header;
	size_t digest_at; /* in the line; 0: no content */
	uint64_t stored;  /* bytes of content by the header */
	struct vss_pieces pieces;
};

struct vss_archive_writer {
	struct vss_archive_write_options o;
	struct vss_spool *frames, *manifest;
	struct vss_index_sort *members;
	struct vss_frames_out *out;
	struct vss_manifest_state lines;
	struct vss_digest *digest;
	struct current cur;
	int64_t started; /* mtime of documents, seconds */
	uint64_t nmembers, content, polled, stored;
};

static int
poll_owner(struct vss_archive_writer *w, struct vss_err *err)
{
	w->polled = w->content;
	return w->o.poll ? w->o.poll(w->o.ctx, w->content, err) : 0;
}

static void
remember(struct current *c, const struct vss_member *m)
{
	VSS_AUTOFREE char *room = NULL;

	vss_buf_reset(&c->path);
	vss_buf_str(&c->path, vss_stored_path(m, &room));
	c->entry = (struct vss_index_entry){
		.path = c->path.data, .path_n = c->path.len, .mode = m->mode, .size = m->size
	};
	if (m->hardlink)
		c->entry.flags = VSS_INDEX_HARDLINK;
	else if (S_ISREG(m->mode))
		c->entry.flags = VSS_INDEX_DIGEST | (m->sparse ? VSS_INDEX_SPARSE : 0);
}

/* Headers out, and all that the end will need: the caller's member is not kept. */
static int
begin(struct vss_archive_writer *w, const struct vss_member *asked, struct vss_err *err)
{
	struct current *c = &w->cur;
	struct vss_member copy = *asked;
	const struct vss_member *m = &copy;

	copy.elsewhere = false;
	if (!vss_member_has_content(m)) { /* whatever stat said of a directory or of another name */
		copy.size = 0;
		copy.sparse = false;
		copy.nextents = 0;
	}
	vss_pieces_start(&c->pieces, m);
	if (m->sparse && !m->partial) {
		copy.extents = c->pieces.v;
		copy.nextents = c->pieces.n;
	}
	vss_buf_reset(&c->header);
	vss_buf_reset(&c->line);
	if (vss_tar_encode(&c->header, m, &c->stored, err) ||
		vss_manifest_line(&w->lines, &c->line, m, &c->digest_at, err))
		return -1;
	remember(c, m);
	c->entry.at = vss_frames_out_at(w->out);
	vss_member_digest_start(w->digest, m);
	c->open = true;
	return vss_frames_out_put(w->out, c->header.data, c->header.len, err);
}

static int
misuse(struct vss_archive_writer *w, const char *what, struct vss_err *err)
{
	return vss_fail(err, VSS_INVALID, 0, "%s: %s", w->cur.open ? w->cur.path.data : "archive", what);
}

int
vss_archive_begin_member(struct vss_archive_writer *w, const struct vss_member *m, struct vss_err *err)
{
	if (w->cur.open)
		return misuse(w, "the member before was not ended", err);
	if (vss_tar_check(m, err) || begin(w, m, err))
		return -1;
	return poll_owner(w, err);
}

static int
take(void *ctx, const void *data, size_t n, struct vss_err *err)
{
	struct vss_archive_writer *w = ctx;

	vss_digest_add(w->digest, data, n);
	w->content += n;
	if (vss_frames_out_put(w->out, data, n, err))
		return -1;
	return w->content - w->polled >= POLL_BYTES ? poll_owner(w, err) : 0;
}

/* What the pieces say is wrong is the caller's doing. */
static int
name_misuse(struct vss_archive_writer *w, int failed, struct vss_err *err)
{
	return failed && err->code == VSS_INVALID ? vss_wrap(err, "%s", w->cur.path.data) : failed;
}

int
vss_archive_put_data(struct vss_archive_writer *w, uint64_t at, const void *data, size_t n, struct vss_err *err)
{
	if (!w->cur.open)
		return misuse(w, "data without a member", err);
	return name_misuse(w, vss_pieces_put(&w->cur.pieces, at, data, n, err), err);
}

/* Padding to whole blocks, digest, index entry; the line of the manifest is complete in w->cur.line. */
static int
end(struct vss_archive_writer *w, struct vss_err *err)
{
	struct current *c = &w->cur;

	vss_digest_end(w->digest, c->entry.digest);
	if (c->digest_at) {
		char hex[2 * VSS_DIGEST + 1];

		vss_hex(hex, c->entry.digest, VSS_DIGEST);
		memcpy(c->line.data + c->digest_at, hex, 2 * VSS_DIGEST);
	}
	if (vss_frames_out_zeros(w->out, vss_tar_padding(c->stored), err))
		return -1;
	c->entry.span = vss_frames_out_at(w->out) - c->entry.at;
	c->open = false;
	w->nmembers++;
	return vss_index_sort_add(w->members, &c->entry, err);
}

int
vss_archive_end_member(struct vss_archive_writer *w, bool truncated, struct vss_err *err)
{
	if (!w->cur.open)
		return misuse(w, "end without a member", err);
	if (name_misuse(w, vss_pieces_end(&w->cur.pieces, truncated, err), err) || end(w, err))
		return -1;
	if (truncated)
		vss_manifest_tear(&w->cur.line);
	return vss_spool_put(w->manifest, w->cur.line.data, w->cur.line.len, err);
}

int
vss_archive_put_unchanged(struct vss_archive_writer *w, const struct vss_member *m, unsigned in, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf line = VSS_BUF_INIT;
	struct vss_member copy = *m;
	size_t digest_at;

	copy.elsewhere = true;
	copy.in = in;
	copy.nextents = 0; /* the line has a digest of them, if it is known */
	if (w->cur.open)
		return misuse(w, "the member before was not ended", err);
	if (vss_tar_check(&copy, err))
		return -1;
	if (in > VSS_CHAIN_LIMIT)
		return vss_fail(err, VSS_INVALID, 0, "%s: in archive %u of a chain: too many", m->path, in);
	if (vss_manifest_line(&w->lines, &line, &copy, &digest_at, err))
		return -1;
	return vss_spool_put(w->manifest, line.data, line.len, err);
}

/* Documents belong to root, whoever writes the archive: extracted with stock tar by root they stay
 * private. */
static int
begin_document(struct vss_archive_writer *w, const char *path, uint64_t size, struct vss_err *err)
{
	char root[] = "root";
	struct vss_member m = {
		.mode = S_IFREG | 0600, .uname = root, .gname = root, .size = size, .mtime_s = w->started
	};
	int r;

	m.path = vss_strdup(path);
	r = begin(w, &m, err);
	free(m.path);
	return r;
}

int
vss_archive_put_document(
	struct vss_archive_writer *w, const char *name, const void *data, size_t n, struct vss_err *err)
{
	VSS_AUTOFREE char *path = vss_strf("%s%s", VSS_DOC_PREFIX, name);

	if (w->cur.open)
		return misuse(w, "the member before was not ended", err);
	if (!vss_is_member_path(path, strlen(path)) || !strcmp(path, VSS_DOC_MANIFEST) ||
		!strcmp(path, VSS_PARTIAL_DIR) || !vss_is_document(path))
		return vss_fail(err, VSS_INVALID, 0, "%s: not a name for a document", name);
	if (begin_document(w, path, n, err) || vss_archive_put_data(w, 0, data, n, err))
		return -1;
	return vss_archive_end_member(w, false, err);
}

/* The manifest, out of its spool; from here on the archive is complete for who reads it front to
 * back. */
static int
put_manifest(struct vss_archive_writer *w, struct vss_err *err)
{
	struct vss_spool_cursor *c;
	const void *p;
	size_t n;
	int r = -1;

	if (begin_document(w, VSS_DOC_MANIFEST, vss_spool_bytes(w->manifest), err))
		return -1;
	c = vss_spool_read_from(w->manifest, 0);
	while (!vss_spool_peek(c, SIZE_MAX, &p, &n, err)) {
		r = n ? take(w, p, n, err) : end(w, err);
		if (r || !n)
			break;
		r = -1;
	}
	vss_spool_cursor_free(c);
	return r;
}

static int
put_end(struct vss_archive_writer *w, struct vss_err *err)
{
	uint64_t blocks = 2 * VSS_TAR_BLOCK, over = (vss_frames_out_at(w->out) + blocks) % VSS_TAR_RECORD;

	if (over)
		blocks += VSS_TAR_RECORD - over;
	return vss_frames_out_zeros(w->out, blocks, err) ? -1 : vss_frames_out_end(w->out, err);
}

int
vss_archive_finish(struct vss_archive_writer *w, struct vss_err *err)
{
	struct vss_index_write index = { .fd = w->o.fd, .frames = w->frames, .members = w->members };
	struct vss_trailer *t = &index.trailer;

	if (w->cur.open)
		return misuse(w, "the member was not ended", err);
	/* What would be wrong with the index must show before the manifest says that all is well. */
	if (vss_index_sort_settle(w->members, err) || put_manifest(w, err) || put_end(w, err))
		return -1;
	t->frame_bytes = w->o.frame_bytes;
	t->frames = vss_frames_out_count(w->out);
	t->content_bytes = vss_frames_out_at(w->out);
	t->manifest_at = w->cur.entry.at;
	t->manifest_span = w->cur.entry.span;
	t->data_bytes = index.at = vss_frames_out_stored(w->out);
	if (vss_index_write(&index, err))
		return -1;
	w->stored = index.at;
	return poll_owner(w, err);
}

static int
open_parts(struct vss_archive_writer *w, struct vss_err *err)
{
	struct vss_frames_out_options o = { .fd = w->o.fd, .level = w->o.level, .threads = w->o.threads };

	w->frames = vss_spool_new(w->o.spool_dirfd);
	w->manifest = vss_spool_new(w->o.spool_dirfd);
	w->members = vss_index_sort_new(w->o.spool_dirfd);
	w->digest = vss_digest_new(err);
	w->cur.pieces = (struct vss_pieces){ .put = take, .ctx = w };
	o.table = w->frames;
	o.frame_bytes = w->o.frame_bytes;
	w->out = w->digest ? vss_frames_out_new(&o, err) : NULL;
	return w->out ? 0 : -1;
}

struct vss_archive_writer *
vss_archive_writer_new(const struct vss_archive_write_options *o, struct vss_err *err)
{
	struct vss_archive_writer *w = vss_alloc(sizeof *w);

	w->o = *o;
	w->started = vss_now_wall() / VSS_S;
	w->o.threads = o->threads ? o->threads : vss_pool_threads(VSS_POOL_THREADS);
	w->o.frame_bytes = o->frame_bytes ? o->frame_bytes : VSS_FRAME_MAX;
	if (w->o.frame_bytes > VSS_FRAME_MAX || w->o.frame_bytes % VSS_TAR_BLOCK)
		vss_fail(err, VSS_INVALID, 0, "frames of %u bytes: not possible", w->o.frame_bytes);
	else if (!open_parts(w, err) &&
		 !vss_spool_put(w->manifest, VSS_MANIFEST_HEAD, strlen(VSS_MANIFEST_HEAD), err) &&
		 !vss_archive_put_document(w, "format", VSS_ARCHIVE_FORMAT_LINE, strlen(VSS_ARCHIVE_FORMAT_LINE), err))
		return w;
	vss_archive_writer_free(w);
	return NULL;
}

void
vss_archive_writer_totals(const struct vss_archive_writer *w, struct vss_archive_totals *out)
{
	out->members = w->nmembers;
	out->content_bytes = w->content;
	out->compressed_bytes = w->stored ? w->stored : vss_frames_out_stored(w->out);
	out->frames = vss_frames_out_count(w->out);
}

void
vss_archive_writer_free(struct vss_archive_writer *w)
{
	if (!w)
		return;
	vss_frames_out_free(w->out);
	vss_index_sort_free(w->members);
	vss_spool_free(w->manifest);
	vss_spool_free(w->frames);
	vss_digest_free(w->digest);
	vss_manifest_state_clear(&w->lines);
	vss_buf_free(&w->cur.path);
	vss_buf_free(&w->cur.line);
	vss_buf_free(&w->cur.header);
	vss_pieces_free(&w->cur.pieces);
	free(w);
}
