/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/frames_out_internal.h"

#include "archive/digest_internal.h"
#include "archive/frame_internal.h"
#include "archive/pool_internal.h"
#include "base/mem.h"
#include "base/num.h"
#include "os/durable.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* One frame under way.  What a small archive does not fill of the buffers is never touched. */
struct job {
	unsigned char *content, *packed;
	size_t n, packed_n;
	unsigned char digest[VSS_DIGEST];
	struct vss_err err;
};

struct vss_frames_out {
	struct vss_frames_out_options o;
	struct vss_pool *pool;
	struct vss_codec **codecs; /* one per thread */
	struct job *jobs;	   /* a ring, in step with the pool's */
	unsigned njobs, filling;
	uint64_t at, count, stored;
};

static void
pack(void *ctx, unsigned worker, void *item)
{
	struct vss_frames_out *f = ctx;
	struct job *j = item;

	j->err = (struct vss_err)VSS_ERR_INIT;
	if (!vss_frame_pack(f->codecs[worker], j->packed, vss_frame_bound(f->o.frame_bytes), j->content, j->n,
		    &j->packed_n, &j->err))
		vss_digest_once(j->digest, j->packed, j->packed_n, &j->err);
}

struct vss_frames_out *
vss_frames_out_new(const struct vss_frames_out_options *o, struct vss_err *err)
{
	struct vss_frames_out *f = vss_alloc(sizeof *f);
	bool ok = true;

	f->o = *o;
	f->njobs = o->threads + 2; /* one is being filled, one written, the rest compressed */
	f->jobs = vss_alloc(f->njobs * sizeof *f->jobs);
	for (unsigned i = 0; i < f->njobs; i++) {
		f->jobs[i].content = vss_realloc(NULL, o->frame_bytes, 1);
		f->jobs[i].packed = vss_realloc(NULL, vss_frame_bound(o->frame_bytes), 1);
	}
	f->codecs = vss_alloc(o->threads * sizeof *f->codecs);
	for (unsigned i = 0; ok && i < o->threads; i++)
		ok = (f->codecs[i] = vss_codec_new(o->level, err)) != NULL;
	if (ok)
		f->pool = vss_pool_new(o->threads, f->njobs - 1, pack, f, err);
	if (f->pool)
		return f;
	vss_frames_out_free(f);
	return NULL;
}

void
vss_frames_out_free(struct vss_frames_out *f)
{
	if (!f)
		return;
	vss_pool_free(f->pool); /* first: its threads use the rest */
	for (unsigned i = 0; i < f->o.threads; i++)
		vss_codec_free(f->codecs[i]);
	for (unsigned i = 0; i < f->njobs; i++) {
		free(f->jobs[i].content);
		free(f->jobs[i].packed);
	}
	free(f->codecs);
	free(f->jobs);
	free(f);
}

/* Write the oldest frame, waiting until it is compressed.  1, or 0 when none is under way. */
static int
write_oldest(struct vss_frames_out *f, struct vss_err *err)
{
	struct job *j = vss_pool_take(f->pool);
	struct vss_frame_record record;

	if (!j)
		return 0;
	if (j->err.code) {
		*err = j->err;
		return -1;
	}
	record = (struct vss_frame_record){
		.at = f->stored, .stored = (uint32_t)j->packed_n, .content = (uint32_t)j->n
	};
	record.check = vss_get32(j->packed + j->packed_n - 4); /* a frame ends with its checksum */
	memcpy(record.digest, j->digest, VSS_DIGEST);
	if (vss_write_all(f->o.fd, j->packed, j->packed_n, err))
		return vss_wrap(err, "archive");
	if (vss_frame_spool_put(f->o.table, &record, err))
		return -1;
	f->stored += j->packed_n;
	f->count++;
	return 1;
}

static int
send_filled(struct vss_frames_out *f, struct vss_err *err)
{
	/* The pool holds one item less than there are jobs, so the one after this is free. */
	if (vss_pool_is_full(f->pool) && write_oldest(f, err) < 0)
		return -1;
	vss_pool_give(f->pool, &f->jobs[f->filling]);
	f->filling = (f->filling + 1) % f->njobs;
	f->jobs[f->filling].n = 0;
	return 0;
}

int
vss_frames_out_put(struct vss_frames_out *f, const void *p, size_t n, struct vss_err *err)
{
	const unsigned char *from = p;

	f->at += n;
	while (n) {
		struct job *j = &f->jobs[f->filling];
		size_t room = f->o.frame_bytes - j->n, part = n < room ? n : room;

		if (p)
			memcpy(j->content + j->n, from, part);
		else
			memset(j->content + j->n, 0, part);
		from = p ? from + part : NULL;
		j->n += part;
		n -= part;
		if (j->n == f->o.frame_bytes && send_filled(f, err))
			return -1;
	}
	return 0;
}

int
vss_frames_out_zeros(struct vss_frames_out *f, uint64_t n, struct vss_err *err)
{
	while (n) {
		size_t part = n < f->o.frame_bytes ? (size_t)n : f->o.frame_bytes;

		if (vss_frames_out_put(f, NULL, part, err))
			return -1;
		n -= part;
	}
	return 0;
}

uint64_t
vss_frames_out_at(const struct vss_frames_out *f)
{
	return f->at;
}

int
vss_frames_out_end(struct vss_frames_out *f, struct vss_err *err)
{
	int r;

	if (f->jobs[f->filling].n && send_filled(f, err))
		return -1;
	do
		r = write_oldest(f, err);
	while (r > 0);
	return r;
}

uint64_t
vss_frames_out_count(const struct vss_frames_out *f)
{
	return f->count;
}

uint64_t
vss_frames_out_stored(const struct vss_frames_out *f)
{
	return f->stored;
}

int
vss_frame_spool_put(struct vss_spool *s, const struct vss_frame_record *f, struct vss_err *err)
{
	unsigned char bytes[VSS_FRAME_RECORD + 4];

	vss_frame_record_put(bytes, f);
	vss_put32(bytes + VSS_FRAME_RECORD, f->check);
	return vss_spool_put(s, bytes, sizeof bytes, err);
}

int
vss_frame_spool_get(struct vss_spool_cursor *c, struct vss_frame_record *f, struct vss_err *err)
{
	unsigned char bytes[VSS_FRAME_RECORD + 4];
	int r = vss_spool_get(c, bytes, sizeof bytes, err);

	if (r > 0) {
		vss_frame_record_get(bytes, f);
		f->check = vss_get32(bytes + VSS_FRAME_RECORD);
	}
	return r;
}
