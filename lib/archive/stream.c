/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/reader_internal.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static int
gather(void *ctx, uint64_t at, const void *data, size_t n, struct vss_err *err)
{
	(void)at;
	(void)err;
	vss_buf_add(ctx, data, n);
	return 0;
}

/* Nobody can come back for it, so it is kept. */
static int
keep_document(struct vss_archive_reader *r, struct vss_err *err)
{
	const struct vss_member *m = &r->scan.e.m;
	struct vss_stream_docs *docs = &r->docs;
	struct vss_stream_doc *d;

	if (!vss_member_has_content(m) || m->sparse || m->size > VSS_STREAM_DOCS_LIMIT - docs->bytes)
		return vss_fail(err, VSS_CORRUPT, 0, "%s: too long for a document, or no file", m->path);
	docs->bytes += m->size;
	d = &VSS_PUSH(docs->v, docs->n, docs->cap);
	*d = (struct vss_stream_doc){ .name = vss_strdup(m->path + strlen(VSS_DOC_PREFIX)) };
	return vss_scan_content(&r->scan, gather, &d->text, err);
}

/* Go to the next member that is no document: 1 with the scan standing on it, or 0 at the end. */
static int
advance(struct vss_archive_reader *r, struct vss_err *err)
{
	int found;

	while ((found = vss_scan_next(&r->scan, err)) > 0 && vss_is_document(r->scan.e.m.path))
		if (keep_document(r, err))
			return -1;
	if (!found && r->scan.tail.code)
		vss_warn("%s; its content is whole", r->scan.tail.text);
	return found;
}

static int
count_frame(void *ctx, const struct vss_frame_record *f, struct vss_err *err)
{
	struct vss_archive_reads *reads = ctx;

	(void)err;
	reads->frames++;
	reads->compressed_bytes += f->stored;
	return 0;
}

int
vss_stream_open(struct vss_archive_reader *r, struct vss_err *err)
{
	int found;

	r->state = VSS_ARCHIVE_STREAM;
	if (vss_scan_open(&r->scan, r->fd, false, err))
		return -1;
	vss_frames_in_each(r->scan.in, count_frame, &r->reads);
	found = advance(r, err);
	r->held = found > 0;
	return found < 0 ? -1 : 0;
}

static int
check_link(struct vss_archive_reader *r, const struct vss_member *m, struct vss_err *err)
{
	if (!m->hardlink || vss_reader_wants(r, m->hardlink, m->mode))
		return 0;
	return vss_fail(err, VSS_UNSUPPORTED, 0, "%s: hard link to %s, which was not selected and is gone in a stream",
		m->path, m->hardlink);
}

static void
copy_member(struct vss_member *to, const struct vss_member *from)
{
	*to = *from;
	to->path = vss_strdup(from->path);
	to->uname = vss_strdup(from->uname);
	to->gname = vss_strdup(from->gname);
	to->link = vss_strdup(from->link);
	to->hardlink = vss_strdup(from->hardlink);
	to->extents = vss_memdup(from->extents, from->nextents * sizeof *from->extents);
	to->xattrs = vss_alloc(from->nxattrs * sizeof *from->xattrs);
	for (size_t i = 0; i < from->nxattrs; i++) {
		to->xattrs[i].name = vss_strdup(from->xattrs[i].name);
		to->xattrs[i].size = from->xattrs[i].size;
		to->xattrs[i].value = vss_memdup(from->xattrs[i].value, from->xattrs[i].size);
	}
}

/* The scan keeps its member, to compare it with the manifest; the caller gets a copy. */
int
vss_stream_next(struct vss_archive_reader *r, struct vss_member *m, struct vss_err *err)
{
	const struct vss_member *at = &r->scan.e.m;
	int found = 1;

	/* The first member was met while the documents of the head were read. */
	if (!r->held || r->open)
		found = advance(r, err);
	while (found > 0 && !vss_reader_wants(r, at->path, at->mode))
		found = advance(r, err);
	r->held = found > 0;
	r->open = true; /* what the scan stands on is delivered now */
	if (found > 0 && check_link(r, at, err))
		return -1;
	if (found > 0)
		copy_member(m, at);
	return found;
}

int
vss_stream_document(
	struct vss_archive_reader *r, const char *name, size_t limit, struct vss_buf *out, struct vss_err *err)
{
	for (size_t i = 0; i < r->docs.n; i++) {
		const struct vss_stream_doc *d = &r->docs.v[i];

		if (strcmp(d->name, name) != 0)
			continue;
		if (d->text.len > limit)
			return vss_fail(
				err, VSS_INVALID, 0, "%s%s: longer than %zu bytes", VSS_DOC_PREFIX, name, limit);
		vss_buf_reset(out);
		vss_buf_add(out, d->text.data, d->text.len);
		return 0;
	}
	return 1;
}

void
vss_stream_close(struct vss_archive_reader *r)
{
	vss_scan_close(&r->scan);
	for (size_t i = 0; i < r->docs.n; i++) {
		free(r->docs.v[i].name);
		vss_buf_free(&r->docs.v[i].text);
	}
	free(r->docs.v);
	r->docs = (struct vss_stream_docs){ 0 };
}
