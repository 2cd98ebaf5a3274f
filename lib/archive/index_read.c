/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/index_read_internal.h"
#include "base/mem.h"
#include "base/num.h"

#include <stdlib.h>
#include <string.h>

static int
load_frames(struct vss_index *ix, uint64_t number, struct vss_err *err)
{
	uint64_t before = number * VSS_FRAMES_PER_BLOCK, left = ix->trailer.frames - before;
	size_t n = (left < VSS_FRAMES_PER_BLOCK ? left : VSS_FRAMES_PER_BLOCK) * VSS_FRAME_RECORD;
	struct vss_loaded *l = &ix->frames;
	struct vss_index_block b;
	unsigned char *p;

	if (l->number == number)
		return 0;
	vss_index_block(ix, number, &b);
	if (b.bytes != VSS_BLOCK_HEAD + n)
		return vss_index_damaged(err, "frame block of unusable length");
	if (vss_index_read_block(ix, &b, VSS_KIND_FRAMES, &p, err))
		return -1;
	free(l->bytes);
	*l = (struct vss_loaded){ .number = number, .bytes = p, .n = n };
	return 0;
}

/* Entries of a member block are looked at once, here: that each is sensible, and that they ascend. */
static int
split_members(struct vss_loaded *l, struct vss_err *err)
{
	struct vss_index_entry e, before = { .path = NULL };

	l->nstarts = 0;
	for (size_t at = 0, n; at < l->n; at += n, before = e) {
		n = vss_index_entry_get(l->bytes + at, l->n - at, &e);
		if (!n || (before.path && vss_path_order(before.path, before.path_n, e.path, e.path_n) >= 0))
			return vss_index_damaged(err, "malformed member block");
		VSS_PUSH(l->starts, l->nstarts, l->cap) = at;
	}
	return 0;
}

static int
load_members(struct vss_index *ix, uint64_t number, struct vss_err *err)
{
	struct vss_loaded *l = &ix->members;
	struct vss_index_block b;

	if (l->number == number)
		return 0;
	l->number = UINT64_MAX;
	vss_index_block(ix, ix->nframe_blocks + number, &b);
	if (vss_index_read_packed(ix, &b, VSS_KIND_MEMBERS, l, err) || split_members(l, err))
		return -1;
	l->number = number;
	return 0;
}

int
vss_index_frame(struct vss_index *ix, uint64_t number, struct vss_frame_record *out, struct vss_err *err)
{
	const struct vss_trailer *t = &ix->trailer;
	uint64_t content = number + 1 < t->frames ? t->frame_bytes : t->content_bytes - number * t->frame_bytes;

	if (number >= t->frames)
		return vss_index_damaged(err, "no such frame");
	if (load_frames(ix, number / VSS_FRAMES_PER_BLOCK, err))
		return -1;
	vss_frame_record_get(ix->frames.bytes + VSS_BLOCK_HEAD + number % VSS_FRAMES_PER_BLOCK * VSS_FRAME_RECORD, out);
	if (out->content != content || out->at > t->data_bytes || out->stored > t->data_bytes - out->at)
		return vss_index_damaged(err, "malformed frame record");
	return 0;
}

/* The path with which a member block begins. */
static const char *
first_path(const struct vss_index *ix, uint64_t number, size_t *n)
{
	const unsigned char *p = ix->top + ix->records[ix->nframe_blocks + number] + VSS_BLOCK_RECORD;

	*n = p[0] | (size_t)p[1] << 8;
	return (const char *)p + 2;
}

/* How many of the `n` things that `before` is asked of come before the path. */
static uint64_t
count_before(struct vss_index *ix, uint64_t n, const char *path,
	const char *(*name)(const struct vss_index *, uint64_t, size_t *))
{
	uint64_t low = 0, high = n;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		size_t length;
		const char *at = name(ix, middle, &length);

		if (vss_path_order(at, length, path, strlen(path)) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const char *
entry_path(const struct vss_index *ix, uint64_t number, size_t *n)
{
	const unsigned char *p = ix->members.bytes + ix->members.starts[number];

	*n = vss_get32(p) & 0xffff;
	return (const char *)p + VSS_INDEX_ENTRY_HEAD;
}

int
vss_index_seek(struct vss_index *ix, const char *path, struct vss_index_place *out, struct vss_err *err)
{
	uint64_t block = count_before(ix, ix->nmember_blocks, path, first_path);

	/* The block before the first that begins at or behind the path may hold it in its midst. */
	*out = (struct vss_index_place){ .block = block ? block - 1 : 0 };
	if (!block)
		return 0;
	if (load_members(ix, out->block, err))
		return -1;
	out->entry = count_before(ix, ix->members.nstarts, path, entry_path);
	return 0;
}

int
vss_index_next(struct vss_index *ix, struct vss_index_place *place, struct vss_index_entry *e, struct vss_err *err)
{
	const struct vss_trailer *t = &ix->trailer;

	for (; place->block < ix->nmember_blocks; place->block++, place->entry = 0) {
		const struct vss_loaded *l = &ix->members;
		size_t start;

		if (load_members(ix, place->block, err))
			return -1;
		if (place->entry >= l->nstarts)
			continue;
		start = l->starts[place->entry++];
		vss_index_entry_get(l->bytes + start, l->n - start, e);
		if (e->at > t->content_bytes || e->span > t->content_bytes - e->at || e->span < VSS_TAR_BLOCK ||
			e->at % VSS_TAR_BLOCK || e->span % VSS_TAR_BLOCK)
			return vss_index_damaged(err, "member outside the archive");
		return 1;
	}
	return 0;
}

int
vss_index_find(struct vss_index *ix, const char *path, struct vss_index_entry *e, struct vss_err *err)
{
	struct vss_index_place place = ix->hint;
	int r = vss_index_next(ix, &place, e, err);

	if (r < 0)
		return -1;
	if (!r || strcmp(e->path, path) != 0) {
		if (vss_index_seek(ix, path, &place, err) || (r = vss_index_next(ix, &place, e, err)) < 0)
			return -1;
	}
	ix->hint = place;
	return r && !strcmp(e->path, path);
}

int
vss_index_check_block(struct vss_index *ix, uint64_t number, struct vss_err *err)
{
	return number < ix->nframe_blocks ? load_frames(ix, number, err)
					  : load_members(ix, number - ix->nframe_blocks, err);
}
