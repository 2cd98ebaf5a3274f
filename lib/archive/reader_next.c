/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/pool_internal.h"
#include "archive/reader_internal.h"
#include "base/mem.h"

#include <string.h>

void
vss_reader_deliver(struct vss_archive_reader *r, struct vss_tar_entry *e, struct vss_member *m)
{
	const struct vss_member *from = &e->m;

	vss_tar_entry_clear(&r->e);
	r->e = *e;
	r->e.m = (struct vss_member){ .path = vss_strdup(from->path), .mode = from->mode, .size = from->size };
	r->e.m.sparse = from->sparse;
	r->e.m.partial = from->partial;
	r->e.m.nextents = from->nextents;
	r->e.m.extents = vss_memdup(from->extents, from->nextents * sizeof *from->extents);
	r->open = vss_member_has_content(from);
	*m = e->m;
	*e = (struct vss_tar_entry){ 0 };
}

/* Begin to read what is selected; no more threads than frames make sense. */
static int
start(struct vss_archive_reader *r, struct vss_err *err)
{
	const struct vss_trailer *t = vss_index_trailer(r->index);
	uint64_t frames = r->plan ? r->plan->nneeded : t->frames;
	unsigned threads = vss_pool_threads(VSS_POOL_THREADS);

	if (frames < threads)
		threads = (unsigned)frames;
	/* Behind the last member the manifest and what follows it need not be read. */
	return vss_span_open(&r->data, threads > 1 ? threads : 0, 0, t->manifest_at, err);
}

/* The header must be the one that the index speaks of; its digest is what the content will be held
 * against. */
static int
match_index(struct vss_archive_reader *r, const struct vss_tar_entry *e, struct vss_err *err)
{
	VSS_AUTOFREE char *room = NULL;
	struct vss_index_entry x;
	int found = vss_index_find(r->index, vss_stored_path(&e->m, &room), &x, err);

	if (found < 0)
		return -1;
	if (!found || x.at != e->at || x.size != e->m.size || x.mode != e->m.mode)
		return vss_fail(err, VSS_CORRUPT, 0, "%s: index does not match the data", e->m.path);
	if (vss_member_has_content(&e->m) && !(x.flags & VSS_INDEX_DIGEST))
		return vss_fail(err, VSS_CORRUPT, 0, "%s: no digest in the index", e->m.path);
	memcpy(r->expected, x.digest, VSS_DIGEST);
	return 0;
}

/* The next member that is wanted, in the archive's order: 1, or 0 at the end. */
static int
find_next(struct vss_archive_reader *r, struct vss_tar_entry *e, struct vss_err *err)
{
	uint64_t end = vss_index_trailer(r->index)->manifest_at;
	int found;

	for (;;) {
		if (r->plan && !vss_plan_next(r->plan, &r->at))
			return 0;
		if (r->at >= end)
			return 0;
		vss_tar_in_go(&r->data.content, r->at);
		found = vss_tar_decode(&r->data.content, e, err);
		if (found <= 0)
			return found ? -1 : vss_fail(err, VSS_CORRUPT, 0, "archive: it ends before its manifest");
		r->at = e->next;
		if (!vss_is_document(e->m.path) && vss_reader_wants(r, e->m.path, e->m.mode))
			return 1;
	}
}

static int
next_member(struct vss_archive_reader *r, struct vss_member *m, struct vss_err *err)
{
	struct vss_tar_entry e = { 0 };
	int found = !r->data.in && start(r, err) ? -1 : find_next(r, &e, err);

	r->open = false;
	r->from = &r->data.content;
	if (found > 0 && match_index(r, &e, err))
		found = -1;
	if (found > 0 && e.m.hardlink && !vss_reader_wants(r, e.m.hardlink, e.m.mode) &&
		vss_reader_resolve_link(r, &e, err))
		found = -1;
	if (found > 0)
		vss_reader_deliver(r, &e, m);
	vss_tar_entry_clear(&e);
	return found;
}

int
vss_archive_next(struct vss_archive_reader *r, struct vss_member *m, struct vss_err *err)
{
	vss_member_clear(m);
	return r->index ? next_member(r, m, err) : vss_stream_next(r, m, err);
}

int
vss_archive_content(struct vss_archive_reader *r, vss_archive_data *data, void *ctx, struct vss_err *err)
{
	const struct vss_pump pump = { .content = r->from, .digest = r->digest, .data = data, .ctx = ctx };

	if (!r->index)
		return r->held ? vss_scan_content(&r->scan, data, ctx, err) : 0;
	if (!r->open)
		return 0;
	r->open = false;
	if (vss_pump_content(&pump, &r->e, err))
		return -1;
	if (memcmp(r->e.m.sha256, r->expected, VSS_DIGEST) != 0)
		return vss_fail(err, VSS_CORRUPT, 0, "%s: content does not match its digest", r->e.m.path);
	return 0;
}
