/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/pool_internal.h"
#include "archive/reader_internal.h"

#include <string.h>

typedef int each_member(void *ctx, const struct vss_member *m, struct vss_err *err);

/* Pieces of the manifest, made into lines. */
struct lines {
	struct vss_buf line;
	each_member *each;
	void *ctx;
	bool all; /* what is elsewhere, too */
};

static int
take_line(struct lines *l, struct vss_err *err)
{
	struct vss_member m = { 0 };
	int r;

	if (memchr(l->line.data, 0, l->line.len))
		return vss_fail(err, VSS_CORRUPT, 0, "archive: manifest: malformed line");
	r = vss_manifest_parse(l->line.data, &m, err);
	if (r > 0 && m.elsewhere && !l->all)
		r = 0;
	if (r > 0)
		r = l->each(l->ctx, &m, err) ? -1 : 0;
	vss_member_clear(&m);
	vss_buf_reset(&l->line);
	return r;
}

static int
split(void *ctx, uint64_t at, const void *data, size_t n, struct vss_err *err)
{
	struct lines *l = ctx;
	const char *p = data, *newline;

	(void)at;
	while ((newline = memchr(p, '\n', n))) {
		size_t part = (size_t)(newline - p);

		if (part > VSS_LINE_LIMIT - l->line.len)
			return vss_fail(err, VSS_CORRUPT, 0, "archive: manifest: line too long");
		vss_buf_add(&l->line, p, part);
		if (take_line(l, err))
			return -1;
		p += part + 1;
		n -= part + 1;
	}
	if (n > VSS_LINE_LIMIT - l->line.len)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: manifest: line too long");
	vss_buf_add(&l->line, p, n);
	return 0;
}

static int
read_manifest(struct vss_archive_reader *r, struct vss_span *s, struct lines *l, struct vss_err *err)
{
	const struct vss_pump pump = { .content = &s->content, .digest = r->digest, .data = split, .ctx = l };
	struct vss_tar_entry e = { 0 };
	struct vss_index_entry x;
	int found = vss_tar_decode(&s->content, &e, err), failed = -1;

	if (!found || (found > 0 && (strcmp(e.m.path, VSS_DOC_MANIFEST) != 0 || !vss_member_has_content(&e.m))))
		vss_fail(err, VSS_CORRUPT, 0, "archive: no manifest where it should be");
	else if (found > 0)
		failed = vss_pump_content(&pump, &e, err);
	if (!failed && l->line.len)
		failed = vss_fail(err, VSS_CORRUPT, 0, "archive: manifest: its last line is not whole");
	if (!failed && (vss_index_find(r->index, VSS_DOC_MANIFEST, &x, err) <= 0 ||
			       memcmp(x.digest, e.m.sha256, VSS_DIGEST) != 0))
		failed = vss_fail(err, VSS_CORRUPT, 0, "archive: manifest: digest does not match");
	vss_tar_entry_clear(&e);
	return failed;
}

static int
each_line(struct vss_archive_reader *r, struct lines *l, struct vss_err *err)
{
	struct vss_span s = { .index = r->index, .fd = r->fd, .reads = &r->reads };
	const struct vss_trailer *t;
	int failed = -1;

	if (!r->index)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "archive: its manifest is at its end, and this is a stream");
	t = vss_index_trailer(r->index);
	/* Two threads read one frame ahead: a manifest of 10^6 lines has some fifty. */
	if (!vss_span_open(&s, vss_pool_threads(2), t->manifest_at, t->manifest_at + t->manifest_span, err))
		failed = read_manifest(r, &s, l, err);
	vss_span_close(&s);
	vss_buf_free(&l->line);
	return failed;
}

int
vss_archive_manifest(struct vss_archive_reader *r, each_member *each, void *ctx, struct vss_err *err)
{
	struct lines l = { .line = VSS_BUF_INIT, .each = each, .ctx = ctx };

	return each_line(r, &l, err);
}

int
vss_archive_state_lines(struct vss_archive_reader *r, each_member *each, void *ctx, struct vss_err *err)
{
	struct lines l = { .line = VSS_BUF_INIT, .each = each, .ctx = ctx, .all = true };

	return each_line(r, &l, err);
}
