/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/manifest_internal.h"
#include "archive/pieces_internal.h"
#include "archive/sparse_internal.h"
#include "archive/state.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct vss_archive_measure {
	struct vss_pieces pieces;
	struct vss_digest *digest;
};

static int
add(void *ctx, const void *data, size_t n, struct vss_err *err)
{
	(void)err;
	vss_digest_add(ctx, data, n);
	return 0;
}

struct vss_archive_measure *
vss_archive_measure_new(const struct vss_member *m, struct vss_err *err)
{
	struct vss_archive_measure *s = vss_alloc(sizeof *s);
	struct vss_member wide = *m;

	s->digest = vss_digest_new(err);
	if (!s->digest || vss_sparse_check(m, err)) {
		vss_archive_measure_free(s);
		return NULL;
	}
	s->pieces = (struct vss_pieces){ .put = add, .ctx = s->digest };
	vss_pieces_start(&s->pieces, m);
	if (!m->partial) {
		wide.extents = s->pieces.v;
		wide.nextents = m->sparse ? s->pieces.n : 0;
	}
	vss_member_digest_start(s->digest, &wide);
	return s;
}

int
vss_archive_measure_data(struct vss_archive_measure *s, uint64_t at, const void *data, size_t n, struct vss_err *err)
{
	return vss_pieces_put(&s->pieces, at, data, n, err);
}

int
vss_archive_measure_end(struct vss_archive_measure *s, unsigned char sha256[32], struct vss_err *err)
{
	if (vss_pieces_end(&s->pieces, false, err))
		return -1;
	vss_digest_end(s->digest, sha256);
	return 0;
}

void
vss_archive_measure_free(struct vss_archive_measure *s)
{
	if (!s)
		return;
	vss_pieces_free(&s->pieces);
	vss_digest_free(s->digest);
	free(s);
}
