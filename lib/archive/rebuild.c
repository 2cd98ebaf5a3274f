/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/frames_out_internal.h"
#include "archive/reader_internal.h"
#include "base/mem.h"
#include "os/durable.h"

#include <string.h>
#include <unistd.h>

/* What the scan leaves for the new index. */
struct gathered {
	struct vss_spool *frames;
	struct vss_index_sort *members;
	struct vss_trailer t;
	bool short_frame; /* one shorter than the first was seen: it must be the last */
};

static int
each_frame(void *ctx, const struct vss_frame_record *f, struct vss_err *err)
{
	struct gathered *g = ctx;

	if (!g->t.frames)
		g->t.frame_bytes = f->content;
	if (g->short_frame || f->content > g->t.frame_bytes)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: frame at %llu: of another length than the first",
			(unsigned long long)f->at);
	g->short_frame = f->content < g->t.frame_bytes;
	g->t.frames++;
	g->t.content_bytes += f->content;
	g->t.data_bytes = f->at + f->stored;
	return vss_frame_spool_put(g->frames, f, err);
}

static int
add_member(struct gathered *g, struct vss_scan *s, struct vss_err *err)
{
	VSS_AUTOFREE char *room = NULL;
	const struct vss_member *m = &s->e.m;
	struct vss_index_entry x = { .path = vss_stored_path(m, &room), .mode = m->mode, .size = m->size };

	if (vss_scan_content(s, NULL, NULL, err))
		return -1;
	x.path_n = strlen(x.path);
	x.at = s->e.at;
	x.span = s->e.next - s->e.at;
	if (m->hardlink)
		x.flags = VSS_INDEX_HARDLINK;
	else if (m->has_digest)
		x.flags = VSS_INDEX_DIGEST | (m->sparse ? VSS_INDEX_SPARSE : 0);
	memcpy(x.digest, m->sha256, VSS_DIGEST);
	return vss_index_sort_add(g->members, &x, err);
}

static int
scan_all(struct vss_archive_reader *r, struct gathered *g, struct vss_err *err)
{
	struct vss_scan s;
	int found = -1;

	if (vss_scan_open(&s, r->fd, true, err))
		return -1;
	vss_frames_in_each(s.in, each_frame, g);
	while ((found = vss_scan_next(&s, err)) > 0)
		if (add_member(g, &s, err))
			break;
	g->t.manifest_at = s.manifest_at;
	g->t.manifest_span = s.manifest_span;
	if (!found && add_member(g, &s, err)) /* it stands on the manifest still */
		found = -1;
	vss_scan_close(&s);
	return found ? -1 : 0;
}

static int
write_index(struct vss_archive_reader *r, struct gathered *g, struct vss_err *err)
{
	struct vss_index_write w = { .frames = g->frames, .members = g->members, .trailer = g->t };

	r->index_fd = w.fd = vss_unlinked_file(-1, err);
	if (w.fd < 0 || vss_index_write(&w, err))
		return -1;
	r->index = vss_index_open(w.fd, err);
	return r->index ? 0 : -1;
}

int
vss_reader_rebuild(struct vss_archive_reader *r, struct vss_err *err)
{
	struct gathered g = { .frames = vss_spool_new(-1), .members = vss_index_sort_new(-1) };
	int failed = -1;

	if (!scan_all(r, &g, err))
		failed = write_index(r, &g, err);
	vss_index_sort_free(g.members);
	vss_spool_free(g.frames);
	return failed;
}
