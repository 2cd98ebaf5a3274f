/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/digest_internal.h"
#include "archive/index_read_internal.h"
#include "base/mem.h"
#include "base/num.h"
#include "os/durable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BLOCK_BYTES_LIMIT (2u << 20) /* a whole block, as stored */

int
vss_index_damaged(struct vss_err *err, const char *what)
{
	return vss_fail(err, VSS_CORRUPT, 0, "archive: index: %s", what);
}

int
vss_index_read_block(struct vss_index *ix, const struct vss_index_block *b, const char *kind, unsigned char **out,
	struct vss_err *err)
{
	VSS_AUTOFREE unsigned char *p = NULL;
	unsigned char digest[VSS_DIGEST];

	if (b->bytes <= VSS_BLOCK_HEAD)
		return vss_index_damaged(err, "block of unusable length");
	p = vss_realloc(NULL, b->bytes, 1);
	if (vss_pread_all(ix->fd, p, b->bytes, (off_t)b->at, err) || vss_digest_once(digest, p, b->bytes, err))
		return vss_wrap(err, "archive: index");
	ix->bytes += b->bytes;
	if (memcmp(digest, b->digest, VSS_DIGEST) != 0)
		return vss_index_damaged(err, "digest of a block does not match");
	if (vss_get32(p) != VSS_SKIP_MAGIC || vss_get32(p + 4) != b->bytes - VSS_SKIP_HEAD ||
		memcmp(p + VSS_SKIP_HEAD, kind, VSS_KIND) != 0)
		return vss_index_damaged(err, "block of another kind");
	*out = vss_take(&p);
	return 0;
}

int
vss_index_read_packed(struct vss_index *ix, const struct vss_index_block *b, const char *kind, struct vss_loaded *out,
	struct vss_err *err)
{
	size_t limit = kind[3] == 'T' ? VSS_TOP_LIMIT : VSS_MEMBER_BLOCK_LIMIT;
	VSS_AUTOFREE unsigned char *p = NULL;
	size_t content;

	if (vss_index_read_block(ix, b, kind, &p, err))
		return -1;
	content = vss_frame_content(p + VSS_BLOCK_HEAD, b->bytes - VSS_BLOCK_HEAD);
	if (!content || content > limit)
		return vss_index_damaged(err, "block of unusable size");
	out->bytes = vss_realloc(out->bytes, content, 1);
	if (vss_frame_unpack(
		    ix->codec, out->bytes, content, p + VSS_BLOCK_HEAD, b->bytes - VSS_BLOCK_HEAD, &out->n, err))
		return vss_wrap(err, "archive: index");
	return 0;
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

/* Note where each block's record stands, and that all of the top is made of them. */
static int
split_top(struct vss_index *ix, struct vss_err *err)
{
	uint64_t frame_blocks = (ix->trailer.frames + VSS_FRAMES_PER_BLOCK - 1) / VSS_FRAMES_PER_BLOCK, total;
	size_t at = 8;

	if (ix->top_n < at)
		return vss_index_damaged(err, "malformed top");
	ix->nframe_blocks = vss_get32(ix->top);
	ix->nmember_blocks = vss_get32(ix->top + 4);
	total = vss_index_blocks(ix);
	if (ix->nframe_blocks != frame_blocks || !ix->nmember_blocks || total > (ix->top_n - at) / VSS_BLOCK_RECORD)
		return vss_index_damaged(err, "malformed top");
	ix->records = vss_realloc(NULL, total, sizeof *ix->records);
	for (uint64_t i = 0; i < total; i++) {
		size_t left = ix->top_n - at, n = VSS_BLOCK_RECORD + (i < frame_blocks ? 0 : 2);

		if (n <= left && i >= frame_blocks)
			n += ix->top[at + VSS_BLOCK_RECORD] | (size_t)ix->top[at + VSS_BLOCK_RECORD + 1] << 8;
		if (n > left || vss_get32(ix->top + at + 8) > BLOCK_BYTES_LIMIT)
			return vss_index_damaged(err, "malformed top");
		ix->records[i] = at;
		at += n;
	}
	return at == ix->top_n ? 0 : vss_index_damaged(err, "malformed top");
}

static int
check_trailer(const struct vss_trailer *t, uint64_t trailer_at, struct vss_err *err)
{
	if (!t->frame_bytes || t->frame_bytes > VSS_FRAME_MAX || t->frame_bytes % VSS_TAR_BLOCK)
		return vss_index_damaged(err, "trailer: unusable frame size");
	if (t->content_bytes > INT64_MAX || t->content_bytes % VSS_TAR_BLOCK || !t->frames ||
		t->frames != (t->content_bytes + t->frame_bytes - 1) / t->frame_bytes)
		return vss_index_damaged(err, "trailer: frames and content do not agree");
	if (t->top_at > trailer_at || t->top_bytes != trailer_at - t->top_at ||
		t->top_bytes > 2 * (uint64_t)VSS_TOP_LIMIT)
		return vss_index_damaged(err, "trailer: no room for the top");
	/* Each frame has a record in the file, so what is sized by their number is bounded by the
	 * file. */
	if (t->frames > t->top_at / VSS_FRAME_RECORD)
		return vss_index_damaged(err, "trailer: more frames than the file can hold");
	if (t->manifest_at > t->content_bytes || t->manifest_span > t->content_bytes - t->manifest_at ||
		!t->manifest_span)
		return vss_index_damaged(err, "trailer: manifest outside the archive");
	return 0;
}

static int
open_top(struct vss_index *ix, struct vss_err *err)
{
	struct vss_index_block b = { .at = ix->trailer.top_at, .bytes = (uint32_t)ix->trailer.top_bytes };
	struct vss_loaded top = { .number = 0 };
	int r;

	memcpy(b.digest, ix->trailer.top_digest, VSS_DIGEST);
	r = vss_index_read_packed(ix, &b, VSS_KIND_TOP, &top, err);
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
		return vss_index_damaged(err, "none");
	if (vss_pread_all(ix->fd, footer, sizeof footer, (off_t)(size - sizeof footer), err))
		return -1;
	table = VSS_SKIP_HEAD + (uint64_t)vss_get32(footer) * VSS_SEEK_RECORD + VSS_SEEK_FOOTER;
	if (vss_get32(footer + 5) != VSS_SEEK_END_MAGIC || table > size - VSS_TRAILER_BYTES)
		return vss_index_damaged(err, "none");
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
