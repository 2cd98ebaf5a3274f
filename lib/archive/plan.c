/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/reader_internal.h"
#include "base/mem.h"

#include <stdlib.h>

_Static_assert(VSS_FRAME_MAX / VSS_TAR_BLOCK < VSS_PLAN_NONE, "a block of a frame has a number");

struct vss_plan *
vss_plan_new(const struct vss_trailer *t)
{
	struct vss_plan *p = vss_alloc(sizeof *p);

	p->nframes = t->frames;
	p->frame_bytes = t->frame_bytes;
	p->frames = vss_realloc(NULL, t->frames, sizeof *p->frames);
	for (uint64_t i = 0; i < t->frames; i++)
		p->frames[i] = (struct vss_plan_frame){ .first = VSS_PLAN_NONE };
	return p;
}

void
vss_plan_free(struct vss_plan *p)
{
	if (!p)
		return;
	free(p->frames);
	free(p);
}

static uint16_t
block_of(const struct vss_plan *p, uint64_t at)
{
	return (uint16_t)(at % p->frame_bytes / VSS_TAR_BLOCK);
}

void
vss_plan_want(struct vss_plan *p, uint64_t at, uint64_t span)
{
	struct vss_plan_frame *f = &p->frames[at / p->frame_bytes];
	uint16_t block = block_of(p, at);

	if (f->first == VSS_PLAN_NONE || block < f->first)
		f->first = block;
	if (f->last < block)
		f->last = block;
	for (uint64_t i = at / p->frame_bytes; i <= (at + span - 1) / p->frame_bytes; i++) {
		p->nneeded += !p->frames[i].needed;
		p->frames[i].needed = true;
	}
}

bool
vss_plan_next(const struct vss_plan *p, uint64_t *at)
{
	uint64_t i = *at / p->frame_bytes;

	if (i >= p->nframes)
		return false;
	if (p->frames[i].first != VSS_PLAN_NONE && block_of(p, *at) <= p->frames[i].last) {
		if (block_of(p, *at) < p->frames[i].first)
			*at = i * p->frame_bytes + (uint64_t)p->frames[i].first * VSS_TAR_BLOCK;
		return true;
	}
	for (i++; i < p->nframes; i++) {
		if (p->frames[i].first == VSS_PLAN_NONE)
			continue;
		*at = i * p->frame_bytes + (uint64_t)p->frames[i].first * VSS_TAR_BLOCK;
		return true;
	}
	return false;
}
