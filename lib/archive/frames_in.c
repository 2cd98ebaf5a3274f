/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/frames_in_internal.h"

#include "archive/digest_internal.h"
#include "archive/frame_internal.h"
#include "archive/pool_internal.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct vss_frames_in {
	vss_frame_fetch *fetch;
	void *ctx;
	unsigned threads, njobs, filling;
	struct vss_pool *pool; /* NULL: no threads */
	struct vss_codec **codecs;
	struct vss_frame_job *jobs; /* a ring: one is being used by the caller, the others are fetched and worked on */
	struct vss_frame_job *current;
	uint64_t at;
	bool ended;
	vss_frame_each *each;
	void *each_ctx;
	struct vss_err failed; /* of a fetch */
};

size_t
vss_frame_packed_max(void)
{
	return vss_frame_bound(VSS_FRAME_MAX);
}

void
vss_frame_job_room(struct vss_frame_job *j, size_t n)
{
	size_t cap = 2 * j->packed_cap;

	if (n <= j->packed_cap)
		return;
	if (cap > vss_frame_packed_max())
		cap = vss_frame_packed_max();
	j->packed_cap = n > cap ? n : cap;
	j->packed = vss_realloc(j->packed, j->packed_cap, 1);
}

/* Buffers grow to what is met: a small archive takes little. */
static void
content_room(struct vss_frame_job *j)
{
	size_t n = vss_frame_content(j->packed, j->frame.stored);

	if (n <= j->content_cap || n > VSS_FRAME_MAX)
		return;
	free(j->content);
	j->content = vss_realloc(NULL, n, 1);
	j->content_cap = n;
}

static int
check_digest(struct vss_frame_job *j)
{
	unsigned char digest[VSS_DIGEST];

	if (vss_digest_once(digest, j->packed, j->frame.stored, &j->err))
		return -1;
	if (j->known && memcmp(digest, j->frame.digest, VSS_DIGEST) != 0)
		return vss_fail(&j->err, VSS_CORRUPT, 0, "archive: frame at %llu: digest does not match",
			(unsigned long long)j->frame.at);
	memcpy(j->frame.digest, digest, VSS_DIGEST);
	return 0;
}

static void
unpack(void *ctx, unsigned worker, void *item)
{
	struct vss_frames_in *f = ctx;
	struct vss_frame_job *j = item;
	size_t n;

	j->err = (struct vss_err)VSS_ERR_INIT;
	if (check_digest(j))
		return;
	content_room(j);
	if (vss_frame_unpack(f->codecs[worker], j->content, j->content_cap, j->packed, j->frame.stored, &n, &j->err)) {
		vss_wrap(&j->err, "archive: frame at %llu", (unsigned long long)j->frame.at);
		return;
	}
	if (j->known && n != j->frame.content)
		vss_fail(&j->err, VSS_CORRUPT, 0, "archive: frame at %llu: wrong length",
			(unsigned long long)j->frame.at);
	else if (!n || n % VSS_TAR_BLOCK)
		vss_fail(&j->err, VSS_CORRUPT, 0, "archive: frame at %llu: not whole blocks",
			(unsigned long long)j->frame.at);
	j->frame.content = (uint32_t)n;
}

struct vss_frames_in *
vss_frames_in_new(vss_frame_fetch *fetch, void *ctx, unsigned threads, struct vss_err *err)
{
	struct vss_frames_in *f = vss_alloc(sizeof *f);
	unsigned ncodecs = threads ? threads : 1;
	bool ok = true;

	*f = (struct vss_frames_in){
		.fetch = fetch, .ctx = ctx, .threads = threads, .njobs = threads ? threads + 2 : 1
	};
	f->jobs = vss_alloc(f->njobs * sizeof *f->jobs);
	f->codecs = vss_alloc(ncodecs * sizeof *f->codecs);
	for (unsigned i = 0; ok && i < ncodecs; i++)
		ok = (f->codecs[i] = vss_codec_new(0, err)) != NULL;
	if (ok && threads)
		ok = (f->pool = vss_pool_new(threads, f->njobs - 1, unpack, f, err)) != NULL;
	if (ok)
		return f;
	vss_frames_in_free(f);
	return NULL;
}

void
vss_frames_in_free(struct vss_frames_in *f)
{
	if (!f)
		return;
	vss_pool_free(f->pool); /* first: its threads use the rest */
	for (unsigned i = 0; i < (f->threads ? f->threads : 1); i++)
		vss_codec_free(f->codecs[i]);
	for (unsigned i = 0; i < f->njobs; i++) {
		free(f->jobs[i].packed);
		free(f->jobs[i].content);
	}
	free(f->codecs);
	free(f->jobs);
	free(f);
}

/* Fetch one frame into the next job of the ring: 1, or 0 at the end. */
static int
fetch_one(struct vss_frames_in *f, struct vss_frame_job **out, struct vss_err *err)
{
	struct vss_frame_job *j = &f->jobs[f->filling];
	int r;

	if (f->ended)
		return 0;
	j->known = j->placed = false;
	r = f->fetch(f->ctx, j, err);
	f->ended = r <= 0;
	if (r > 0)
		f->filling = (f->filling + 1) % f->njobs;
	*out = j;
	return r;
}

/* Keep the pool full.  A failure to fetch comes after the frames before it. */
static void
fetch_ahead(struct vss_frames_in *f)
{
	while (!vss_pool_is_full(f->pool)) {
		struct vss_frame_job *j;
		struct vss_err err = VSS_ERR_INIT;
		int r = fetch_one(f, &j, &err);

		if (!r)
			return;
		if (r > 0) {
			vss_pool_give(f->pool, j);
			continue;
		}
		f->failed = err;
		return;
	}
}

static int
take_next(struct vss_frames_in *f, struct vss_err *err)
{
	int r;

	if (!f->pool) {
		r = fetch_one(f, &f->current, err);
		if (r > 0)
			unpack(f, 0, f->current);
		return r;
	}
	fetch_ahead(f);
	f->current = vss_pool_take(f->pool);
	if (f->current)
		return 1;
	if (!f->failed.code)
		return 0;
	*err = f->failed;
	return -1;
}

int
vss_frames_in_next(struct vss_frames_in *f, const unsigned char **p, size_t *n, uint64_t *at, struct vss_err *err)
{
	struct vss_frame_job *j;
	int r = take_next(f, err);

	if (r <= 0)
		return r;
	j = f->current;
	if (j->err.code) {
		*err = j->err;
		return -1;
	}
	*at = j->placed ? j->content_at : f->at;
	*p = j->content;
	*n = j->frame.content;
	f->at = *at + *n;
	return f->each && f->each(f->each_ctx, &j->frame, err) ? -1 : 1;
}

void
vss_frames_in_each(struct vss_frames_in *f, vss_frame_each *each, void *ctx)
{
	f->each = each;
	f->each_ctx = ctx;
}
