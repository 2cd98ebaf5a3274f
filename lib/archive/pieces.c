/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/pieces_internal.h"

#include "archive/manifest_internal.h"
#include "archive/sparse_internal.h"
#include "base/mem.h"

#include <stdlib.h>

static uint64_t
total(const struct vss_member_extent *v, size_t n)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		bytes += v[i].len;
	return bytes;
}

void
vss_pieces_start(struct vss_pieces *p, const struct vss_member *m)
{
	bool has_map = m->sparse && vss_member_has_content(m);
	uint64_t size = vss_member_has_content(m) ? m->size : 0;

	p->v = vss_realloc(p->v, (has_map ? m->nextents : 0) + 1, sizeof *p->v);
	p->v[0] = (struct vss_member_extent){ 0, size };
	p->n = has_map ? vss_sparse_widen(m, p->v) : size > 0;
	p->at = 0;
	p->promised = has_map ? total(m->extents, m->nextents) : size;
	p->stored = total(p->v, p->n);
	p->given = p->taken = 0;
}

static int
take(struct vss_pieces *p, const void *data, size_t n, struct vss_err *err)
{
	struct vss_member_extent *x = &p->v[p->at];

	x->at += n;
	x->len -= n;
	p->at += !x->len;
	p->taken += n;
	return p->put(p->ctx, data, n, err);
}

/* Up to `to` in the file: what widening added between the pieces of the caller, or what was cut off. */
static int
fill_to(struct vss_pieces *p, uint64_t to, struct vss_err *err)
{
	static const char zeros[65536];

	while (p->at < p->n && p->v[p->at].at < to) {
		const struct vss_member_extent *x = &p->v[p->at];
		uint64_t n = to - x->at < x->len ? to - x->at : x->len;

		if (take(p, zeros, n < sizeof zeros ? (size_t)n : sizeof zeros, err))
			return -1;
	}
	return 0;
}

int
vss_pieces_put(struct vss_pieces *p, uint64_t at, const void *data, size_t n, struct vss_err *err)
{
	const char *from = data;

	p->given += n;
	if (p->promised != p->stored && fill_to(p, at, err))
		return -1;
	while (n) {
		const struct vss_member_extent *x = &p->v[p->at];
		size_t part;

		if (p->at == p->n || at != x->at || p->given > p->promised)
			return vss_fail(err, VSS_INVALID, 0, "data where the header promised none");
		part = x->len < n ? (size_t)x->len : n;
		if (take(p, from, part, err))
			return -1;
		at += part;
		from += part;
		n -= part;
	}
	return 0;
}

int
vss_pieces_end(struct vss_pieces *p, bool truncated, struct vss_err *err)
{
	if (!truncated && p->given != p->promised)
		return vss_fail(err, VSS_INVALID, 0, "less data than the header promised");
	return fill_to(p, UINT64_MAX, err);
}

void
vss_pieces_free(struct vss_pieces *p)
{
	free(p->v);
	p->v = NULL;
}
