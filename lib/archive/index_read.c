/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/digest_internal.h"
#include "archive/frame_internal.h"
#include "archive/index_internal.h"
#include "base/mem.h"
#include "base/num.h"
#include "os/durable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HEAD (VSS_SKIP_HEAD + VSS_KIND)
#define BLOCK_RECORD (8u + 4u + VSS_DIGEST)
#define BLOCK_BYTES_LIMIT (2u << 20) /* a whole block, as stored */

/* One block under hand. */
struct loaded {
	uint64_t number; /* of all blocks; UINT64_MAX: none */
	unsigned char *bytes;
	size_t n;
	size_t *starts; /* of entries, for a member block */
	size_t nstarts, cap;
};

struct vss_index {
	int fd;
	struct vss_trailer trailer;
	struct vss_codec *codec;
	unsigned char *top; /* its content */
	size_t top_n;
	size_t *records; /* where each block's record stands in the top */
	uint32_t nframe_blocks, nmember_blocks;
	struct loaded frames, members;
	struct vss_index_place hint; /* where the last find ended */
	uint64_t bytes;
};

static int
damaged(struct vss_err *err, const char *what)
{
	return vss_fail(err, VSS_CORRUPT, 0, "archive: index: %s", what);
}

/* Read a skippable frame of ours, check its digest and kind; its body behind the head goes to *out. */
static int
read_skippable(struct vss_index *ix, const struct vss_index_block *b, const char *kind, unsigned char **out,
	struct vss_err *err)
{
	VSS_AUTOFREE unsigned char *p = NULL;
	unsigned char digest[VSS_DIGEST];

	if (b->bytes <= HEAD)
		return damaged(err, "block of unusable length");
	p = vss_realloc(NULL, b->bytes, 1);
	if (vss_pread_all(ix->fd, p, b->bytes, (off_t)b->at, err) || vss_digest_once(digest, p, b->bytes, err))
		return vss_wrap(err, "archive: index");
	ix->bytes += b->bytes;
	if (memcmp(digest, b->digest, VSS_DIGEST))
		return damaged(err, "digest of a block does not match");
	if (vss_get32(p) != VSS_SKIP_MAGIC || vss_get32(p + 4) != b->bytes - VSS_SKIP_HEAD ||
	    memcmp(p + VSS_SKIP_HEAD, kind, VSS_KIND))
		return damaged(err, "block of another kind");
	*out = vss_take(&p);
	return 0;
}

/* The same for a block whose body is a zstd frame of at most `limit` bytes of content. */
static int
read_packed(struct vss_index *ix, const struct vss_index_block *b, const char *kind, struct loaded *out, struct vss_err *err)
{
	size_t limit = kind[3] == 'T' ? VSS_TOP_LIMIT : VSS_MEMBER_BLOCK_LIMIT;
	VSS_AUTOFREE unsigned char *p = NULL;
	size_t content;

	if (read_skippable(ix, b, kind, &p, err))
		return -1;
	content = vss_frame_content(p + HEAD, b->bytes - HEAD);
	if (!content || content > limit)
		return damaged(err, "block of unusable size");
	out->bytes = vss_realloc(out->bytes, content, 1);
	if (vss_frame_unpack(ix->codec, out->bytes, content, p + HEAD, b->bytes - HEAD, &out->n, err))
		return vss_wrap(err, "archive: index");
	return 0;
}

static int
load_frames(struct vss_index *ix, uint64_t number, struct vss_err *err)
{
	uint64_t before = number * VSS_FRAMES_PER_BLOCK, left = ix->trailer.frames - before;
	size_t n = (left < VSS_FRAMES_PER_BLOCK ? left : VSS_FRAMES_PER_BLOCK) * VSS_FRAME_RECORD;
	struct loaded *l = &ix->frames;
	struct vss_index_block b;
	unsigned char *p;

	if (l->number == number)
		return 0;
	vss_index_block(ix, number, &b);
	if (b.bytes != HEAD + n)
		return damaged(err, "frame block of unusable length");
	if (read_skippable(ix, &b, VSS_KIND_FRAMES, &p, err))
		return -1;
	free(l->bytes);
	*l = (struct loaded){ .number = number, .bytes = p, .n = n };
	return 0;
}

/* Entries of a member block are looked at once, here: that each is sensible, and that they ascend. */
static int
split_members(struct loaded *l, struct vss_err *err)
{
	struct vss_index_entry e, before = { .path = NULL };

	l->nstarts = 0;
	for (size_t at = 0, n; at < l->n; at += n, before = e) {
		n = vss_index_entry_get(l->bytes + at, l->n - at, &e);
		if (!n || (before.path && vss_path_order(before.path, before.path_n, e.path, e.path_n) >= 0))
			return damaged(err, "malformed member block");
		VSS_PUSH(l->starts, l->nstarts, l->cap) = at;
	}
	return 0;
}

static int
load_members(struct vss_index *ix, uint64_t number, struct vss_err *err)
{
	struct loaded *l = &ix->members;
	struct vss_index_block b;

	if (l->number == number)
		return 0;
	l->number = UINT64_MAX;
	vss_index_block(ix, ix->nframe_blocks + number, &b);
	if (read_packed(ix, &b, VSS_KIND_MEMBERS, l, err) || split_members(l, err))
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
		return damaged(err, "no such frame");
	if (load_frames(ix, number / VSS_FRAMES_PER_BLOCK, err))
		return -1;
	vss_frame_record_get(ix->frames.bytes + HEAD + number % VSS_FRAMES_PER_BLOCK * VSS_FRAME_RECORD, out);
	if (out->content != content || out->at > t->data_bytes || out->stored > t->data_bytes - out->at)
		return damaged(err, "malformed frame record");
	return 0;
}

/* The path with which a member block begins. */
static const char *
first_path(const struct vss_index *ix, uint64_t number, size_t *n)
{
	const unsigned char *p = ix->top + ix->records[ix->nframe_blocks + number] + BLOCK_RECORD;

	*n = p[0] | (size_t)p[1] << 8;
	return (const char *)p + 2;
}

/* How many of the `n` things that `before` is asked of come before the path. */
static uint64_t
count_before(struct vss_index *ix, uint64_t n, const char *path, const char *(*name)(const struct vss_index *, uint64_t, size_t *))
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
		const struct loaded *l = &ix->members;
		size_t start;

		if (load_members(ix, place->block, err))
			return -1;
		if (place->entry >= l->nstarts)
			continue;
		start = l->starts[place->entry++];
		vss_index_entry_get(l->bytes + start, l->n - start, e);
		if (e->at > t->content_bytes || e->span > t->content_bytes - e->at || e->span < VSS_TAR_BLOCK ||
		    e->at % VSS_TAR_BLOCK || e->span % VSS_TAR_BLOCK)
			return damaged(err, "member outside the archive");
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
	if (!r || strcmp(e->path, path)) {
		if (vss_index_seek(ix, path, &place, err) || (r = vss_index_next(ix, &place, e, err)) < 0)
			return -1;
	}
	ix->hint = place;
	return r && !strcmp(e->path, path);
}

const struct vss_trailer *
vss_index_trailer(const struct vss_index *ix)
{
	return &ix->trailer;
}

uint64_t
vss_index_bytes(const struct vss_index *ix)
{
	return ix->bytes;
}

uint64_t
vss_index_blocks(const struct vss_index *ix)
{
	return (uint64_t)ix->nframe_blocks + ix->nmember_blocks;
}

void
vss_index_block(const struct vss_index *ix, uint64_t number, struct vss_index_block *out)
{
	const unsigned char *p = ix->top + ix->records[number];

	out->at = vss_get64(p);
	out->bytes = vss_get32(p + 8);
	memcpy(out->digest, p + 12, VSS_DIGEST);
}

int
vss_index_check_block(struct vss_index *ix, uint64_t number, struct vss_err *err)
{
	return number < ix->nframe_blocks ? load_frames(ix, number, err) : load_members(ix, number - ix->nframe_blocks, err);
}

/* Note where each block's record stands, and that all of the top is made of them. */
static int
split_top(struct vss_index *ix, struct vss_err *err)
{
	uint64_t frame_blocks = (ix->trailer.frames + VSS_FRAMES_PER_BLOCK - 1) / VSS_FRAMES_PER_BLOCK, total;
	size_t at = 8;

	if (ix->top_n < at)
		return damaged(err, "malformed top");
	ix->nframe_blocks = vss_get32(ix->top);
	ix->nmember_blocks = vss_get32(ix->top + 4);
	total = vss_index_blocks(ix);
	if (ix->nframe_blocks != frame_blocks || !ix->nmember_blocks || total > (ix->top_n - at) / BLOCK_RECORD)
		return damaged(err, "malformed top");
	ix->records = vss_realloc(NULL, total, sizeof *ix->records);
	for (uint64_t i = 0; i < total; i++) {
		size_t left = ix->top_n - at, n = BLOCK_RECORD + (i < frame_blocks ? 0 : 2);

		if (n <= left && i >= frame_blocks)
			n += ix->top[at + BLOCK_RECORD] | (size_t)ix->top[at + BLOCK_RECORD + 1] << 8;
		if (n > left || vss_get32(ix->top + at + 8) > BLOCK_BYTES_LIMIT)
			return damaged(err, "malformed top");
		ix->records[i] = at;
		at += n;
	}
	return at == ix->top_n ? 0 : damaged(err, "malformed top");
}

static int
check_trailer(const struct vss_trailer *t, uint64_t trailer_at, struct vss_err *err)
{
	if (!t->frame_bytes || t->frame_bytes > VSS_FRAME_MAX || t->frame_bytes % VSS_TAR_BLOCK)
		return damaged(err, "trailer: unusable frame size");
	if (t->content_bytes > INT64_MAX || t->content_bytes % VSS_TAR_BLOCK || !t->frames ||
	    t->frames != (t->content_bytes + t->frame_bytes - 1) / t->frame_bytes)
		return damaged(err, "trailer: frames and content do not agree");
	if (t->top_at > trailer_at || t->top_bytes != trailer_at - t->top_at || t->top_bytes > 2 * (uint64_t)VSS_TOP_LIMIT)
		return damaged(err, "trailer: no room for the top");
	/* Each frame has a record in the file, so what is sized by their number is bounded by the file. */
	if (t->frames > t->top_at / VSS_FRAME_RECORD)
		return damaged(err, "trailer: more frames than the file can hold");
	if (t->manifest_at > t->content_bytes || t->manifest_span > t->content_bytes - t->manifest_at || !t->manifest_span)
		return damaged(err, "trailer: manifest outside the archive");
	return 0;
}

static int
open_top(struct vss_index *ix, struct vss_err *err)
{
	struct vss_index_block b = { .at = ix->trailer.top_at, .bytes = (uint32_t)ix->trailer.top_bytes };
	struct loaded top = { .number = 0 };
	int r;

	memcpy(b.digest, ix->trailer.top_digest, VSS_DIGEST);
	r = read_packed(ix, &b, VSS_KIND_TOP, &top, err);
	ix->top = top.bytes;
	ix->top_n = top.n;
	return r ? -1 : split_top(ix, err);
}

/* The seek table's last bytes say how long it is; the trailer ends where it begins. */
static int
open_trailer(struct vss_index *ix, struct vss_err *err)
{
	struct vss_trailer_bytes bytes;
	unsigned char footer[VSS_SEEK_FOOTER];
	struct stat st;
	uint64_t size, table;

	if (fstat(ix->fd, &st))
		return vss_fail(err, VSS_SYSTEM, errno, "archive: stat");
	size = (uint64_t)st.st_size;
	if (size < VSS_TRAILER_BYTES + VSS_SKIP_HEAD + VSS_SEEK_FOOTER)
		return damaged(err, "none");
	if (vss_pread_all(ix->fd, footer, sizeof footer, (off_t)(size - sizeof footer), err))
		return -1;
	table = VSS_SKIP_HEAD + (uint64_t)vss_get32(footer) * VSS_SEEK_RECORD + VSS_SEEK_FOOTER;
	if (vss_get32(footer + 5) != VSS_SEEK_END_MAGIC || table > size - VSS_TRAILER_BYTES)
		return damaged(err, "none");
	size -= table + VSS_TRAILER_BYTES;
	if (vss_pread_all(ix->fd, &bytes, sizeof bytes, (off_t)size, err) || vss_trailer_get(&bytes, &ix->trailer, err))
		return -1;
	ix->bytes += sizeof bytes + sizeof footer;
	return check_trailer(&ix->trailer, size, err);
}

struct vss_index *
vss_index_open(int fd, struct vss_err *err)
{
	struct vss_index *ix = vss_alloc(sizeof *ix);

	ix->fd = fd;
	ix->frames.number = ix->members.number = UINT64_MAX;
	ix->codec = vss_codec_new(0, err);
	if (ix->codec && !open_trailer(ix, err) && !open_top(ix, err))
		return ix;
	vss_index_free(ix);
	return NULL;
}

void
vss_index_free(struct vss_index *ix)
{
	if (!ix)
		return;
	vss_codec_free(ix->codec);
	free(ix->top);
	free(ix->records);
	free(ix->frames.bytes);
	free(ix->members.bytes);
	free(ix->members.starts);
	free(ix);
}
