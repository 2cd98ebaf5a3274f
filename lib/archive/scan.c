/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/scan_internal.h"

#include "archive/pool_internal.h"
#include "archive/sparse_internal.h"
#include "base/mem.h"

#include <string.h>
#include <sys/stat.h>

/* The first of the ranges that ends behind `at`. */
static size_t
first_behind(const struct vss_member *m, uint64_t at)
{
	size_t low = 0, high = m->nextents;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->extents[middle].at + m->extents[middle].len <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What lies at `at` of the file goes to the caller; of a partial member its ranges only: what else is in its blocks is
 * nobody's. */
static int
hand_on(const struct vss_pump *p, const struct vss_member *m, uint64_t at, const unsigned char *piece, size_t n,
	struct vss_err *err)
{
	if (!p->data)
		return 0;
	if (!m->partial)
		return p->data(p->ctx, at, piece, n, err);
	for (size_t i = first_behind(m, at); i < m->nextents && m->extents[i].at < at + n; i++) {
		const struct vss_member_extent *x = &m->extents[i];
		uint64_t from = x->at > at ? x->at : at, to = x->at + x->len < at + n ? x->at + x->len : at + n;

		if (p->data(p->ctx, from, piece + (from - at), (size_t)(to - from), err))
			return -1;
	}
	return 0;
}

static int
pump_piece(const struct vss_pump *p, const struct vss_member *m, const struct vss_member_extent *x, struct vss_err *err)
{
	for (uint64_t done = 0; done < x->len;) {
		const unsigned char *piece;
		size_t got;

		if (vss_tar_in_piece(p->content, x->len - done, &piece, &got, err))
			return vss_wrap(err, "%s", m->path);
		if (!got)
			return vss_fail(err, VSS_CORRUPT, 0, "%s: archive is incomplete: it ends here", m->path);
		vss_digest_add(p->digest, piece, got);
		if (hand_on(p, m, x->at + done, piece, got, err))
			return -1;
		done += got;
	}
	return 0;
}

int
vss_pump_content(const struct vss_pump *p, struct vss_tar_entry *e, struct vss_err *err)
{
	struct vss_member *m = &e->m;
	VSS_AUTOFREE struct vss_member_extent *wide = vss_realloc(NULL, m->nextents + 1, sizeof *wide);
	const struct vss_member_extent whole = { 0, m->size }, *x = m->sparse ? m->extents : &whole;
	size_t n = m->sparse ? m->nextents : 1;

	if (m->partial) {
		n = vss_sparse_widen(m, wide);
		x = wide;
	}
	vss_tar_in_go(p->content, e->data);
	vss_member_digest_start(p->digest, m);
	for (size_t i = 0; i < n; i++)
		if (pump_piece(p, m, &x[i], err))
			return -1;
	vss_digest_end(p->digest, m->sha256);
	m->has_digest = true;
	return 0;
}

/* Threads are not worth their start for what is read in no time. */
static unsigned
threads_for(const struct vss_frame_scan *f)
{
	struct stat st;

	if (f->seekable && !fstat(f->fd, &st) && st.st_size < VSS_FRAME_MAX / 4)
		return 0;
	return vss_pool_threads(VSS_POOL_THREADS);
}

int
vss_scan_open(struct vss_scan *s, int fd, bool seekable, struct vss_err *err)
{
	*s = (struct vss_scan){ .frames = { .fd = fd, .seekable = seekable } };
	s->digest = vss_digest_new(err);
	s->check = s->digest ? vss_manifest_check_new(err) : NULL;
	s->in = s->check ? vss_frames_in_new(vss_frame_scan_fetch, &s->frames, threads_for(&s->frames), err) : NULL;
	s->content.in = s->in;
	if (s->in)
		return 0;
	vss_scan_close(s);
	return -1;
}

void
vss_scan_close(struct vss_scan *s)
{
	vss_frames_in_free(s->in);
	vss_manifest_check_free(s->check);
	vss_digest_free(s->digest);
	vss_tar_entry_clear(&s->e);
	*s = (struct vss_scan){ .done = true };
}

static int
gather(void *ctx, uint64_t at, const void *data, size_t n, struct vss_err *err)
{
	struct vss_buf *b = ctx;

	(void)at;
	(void)err;
	vss_buf_add(b, data, n);
	return 0;
}

/* The first member says what this is; anything else there, whatever its kind, is not ours. */
static int
check_first(struct vss_scan *s, struct vss_err *err)
{
	VSS_AUTOBUF struct vss_buf line = VSS_BUF_INIT;
	struct vss_tar_entry *e = &s->e;
	const char *word = "vss-archive ";

	s->begun = true;
	if (strcmp(e->m.path, VSS_DOC_FORMAT) != 0 || !vss_member_has_content(&e->m) || e->m.sparse || e->m.size > 4096)
		return vss_fail(err, VSS_INVALID, 0, "not an archive of ours");
	if (vss_scan_content(s, gather, &line, err))
		return -1;
	if (line.len && !strcmp(line.data, VSS_ARCHIVE_FORMAT_LINE))
		return 0;
	if (line.len && !strncmp(line.data, word, strlen(word)))
		return vss_fail(err, VSS_UNSUPPORTED, 0, "archive: its format is newer than this program");
	return vss_fail(err, VSS_INVALID, 0, "not an archive of ours");
}

static int
decode(struct vss_scan *s, struct vss_err *err)
{
	int r = vss_tar_decode(&s->content, &s->e, err);

	/* What is no frame, or a whole one without a header in it, was never ours at its beginning,
	 * and is damage later. */
	if (r < 0 && !s->begun && (err->code == VSS_INVALID || (err->code == VSS_CORRUPT && s->content.frame)))
		return vss_fail(err, VSS_INVALID, 0, "not an archive of ours");
	s->open = r > 0 && vss_member_has_content(&s->e.m);
	if (r > 0 && !s->begun)
		return check_first(s, err) ? -1 : 1;
	return r;
}

static int
compare(void *ctx, uint64_t at, const void *data, size_t n, struct vss_err *err)
{
	(void)at;
	return vss_manifest_check_text(ctx, data, n, err);
}

/* What is wrong behind the tar stream does not harm what is in it; what keeps us from reading does. */
static int
note_tail(struct vss_scan *s, struct vss_err *err)
{
	if (err->code != VSS_CORRUPT)
		return -1;
	s->tail = *err;
	return vss_forgive(err);
}

/* Behind the manifest: zeros to the end of the tar stream, then what may be the index, which is no
 * matter of ours. */
static int
finish(struct vss_scan *s, struct vss_err *err)
{
	const unsigned char *p;
	size_t n;

	s->done = true;
	do {
		if (vss_tar_in_piece(&s->content, UINT64_MAX, &p, &n, err))
			return note_tail(s, err);
		for (size_t i = 0; i < n; i++)
			if (p[i])
				return vss_fail(err, VSS_CORRUPT, 0, "archive: data behind its end mark");
	} while (n);
	return 0;
}

static int
take_manifest(struct vss_scan *s, struct vss_err *err)
{
	const unsigned char *block;
	int r;

	s->manifest_at = s->e.at;
	s->manifest_span = s->e.next - s->e.at;
	if (!s->open || vss_scan_content(s, compare, s->check, err) || vss_manifest_check_end(s->check, err))
		return s->open ? -1 : vss_fail(err, VSS_CORRUPT, 0, "archive: manifest: not a file");
	vss_tar_in_go(&s->content, s->e.next);
	r = vss_tar_in_block(&s->content, &block, err);
	if (!r)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: incomplete: it ends without its end mark");
	if (r > 0 && block[0])
		return vss_fail(err, VSS_CORRUPT, 0, "archive: members behind the manifest");
	return r < 0 ? -1 : finish(s, err);
}

/* Done with the member under hand: its line goes to be compared. */
static int
leave(struct vss_scan *s, struct vss_err *err)
{
	if (!s->begun)
		return 0;
	if (s->open && vss_scan_content(s, NULL, NULL, err))
		return -1;
	vss_tar_in_go(&s->content, s->e.next);
	return vss_manifest_check_member(s->check, &s->e.m, err);
}

int
vss_scan_next(struct vss_scan *s, struct vss_err *err)
{
	int r;

	if (s->done)
		return 0;
	if (leave(s, err))
		return -1;
	r = decode(s, err);
	if (!r)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: incomplete: it has no manifest");
	if (r < 0)
		return -1;
	if (strcmp(s->e.m.path, VSS_DOC_MANIFEST) != 0)
		return 1;
	return take_manifest(s, err);
}

int
vss_scan_content(struct vss_scan *s, vss_archive_data *data, void *ctx, struct vss_err *err)
{
	const struct vss_pump p = { .content = &s->content, .digest = s->digest, .data = data, .ctx = ctx };

	if (!s->open)
		return 0;
	if (vss_pump_content(&p, &s->e, err))
		return -1;
	s->open = false;
	return 0;
}
