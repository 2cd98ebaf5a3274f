/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/digest_internal.h"
#include "archive/frame_internal.h"
#include "archive/frames_out_internal.h"
#include "archive/index_internal.h"
#include "base/mem.h"
#include "base/num.h"
#include "os/durable.h"

#include <stdlib.h>
#include <string.h>

#define EMPTY_CHECK 0x51D8E999u /* low half of XXH64 of nothing: what a skippable frame's content sums up to */
#define BLOCK_RECORD (8u + 4u + VSS_DIGEST)

/* What writing the index needs at hand. */
struct state {
	struct vss_index_write *w;
	struct vss_codec *codec;
	struct vss_digest *digest;
	struct vss_buf block; /* content of the block under way */
	struct vss_buf first; /* path of its first member */
	struct vss_buf packed;
	struct vss_buf frame_tops, member_tops; /* lines of the top */
	uint32_t nframe_blocks, nmember_blocks;
	uint32_t *skips; /* length of each skippable frame, for the seek table */
	size_t nskips, skips_cap;
};

/* Write s->packed, which begins with room for the head, as a skippable frame; and its record into
 * `top`. */
static int
write_skippable(struct state *s, const char *kind, struct vss_buf *top, struct vss_err *err)
{
	unsigned char record[BLOCK_RECORD], *p = (unsigned char *)s->packed.data;
	uint32_t bytes = (uint32_t)s->packed.len;

	vss_put32(p, VSS_SKIP_MAGIC);
	vss_put32(p + 4, bytes - VSS_SKIP_HEAD);
	memcpy(p + VSS_SKIP_HEAD, kind, VSS_KIND);
	vss_put64(record, s->w->at);
	vss_put32(record + 8, bytes);
	if (vss_digest_once(record + 12, p, bytes, err))
		return -1;
	vss_buf_add(top, record, sizeof record);
	if (vss_write_all(s->w->fd, p, bytes, err))
		return vss_wrap(err, "archive: index");
	VSS_PUSH(s->skips, s->nskips, s->skips_cap) = bytes;
	s->w->at += bytes;
	return 0;
}

static void
begin_skippable(struct state *s)
{
	static const char head[VSS_SKIP_HEAD + VSS_KIND];

	vss_buf_reset(&s->packed);
	vss_buf_add(&s->packed, head, sizeof head);
}

static int
pack_into(struct state *s, const struct vss_buf *content, struct vss_err *err)
{
	size_t cap = vss_frame_bound(content->len), n;

	begin_skippable(s);
	vss_buf_reserve(&s->packed, cap);
	if (vss_frame_pack(s->codec, s->packed.data + s->packed.len, cap, content->data, content->len, &n, err))
		return -1;
	s->packed.len += n;
	return 0;
}

static int
flush_members(struct state *s, struct vss_err *err)
{
	unsigned char n[2] = { (unsigned char)s->first.len, (unsigned char)(s->first.len >> 8) };

	if (!s->block.len)
		return 0;
	if (pack_into(s, &s->block, err) || write_skippable(s, VSS_KIND_MEMBERS, &s->member_tops, err))
		return -1;
	vss_buf_add(&s->member_tops, n, sizeof n);
	vss_buf_add(&s->member_tops, s->first.data, s->first.len);
	s->nmember_blocks++;
	vss_buf_reset(&s->block);
	return 0;
}

static int
write_members(struct state *s, struct vss_err *err)
{
	struct vss_index_entry e;
	int r;

	while ((r = vss_index_sort_next(s->w->members, &e, err)) > 0) {
		if (!s->block.len) {
			vss_buf_reset(&s->first);
			vss_buf_add(&s->first, e.path, e.path_n);
		}
		vss_index_entry_put(&s->block, &e);
		s->w->trailer.members++;
		if (s->block.len >= VSS_MEMBER_BLOCK && flush_members(s, err))
			return -1;
	}
	return r < 0 ? -1 : flush_members(s, err);
}

static int
write_frames(struct state *s, struct vss_err *err)
{
	struct vss_spool_cursor *c = vss_spool_read_from(s->w->frames, 0);
	struct vss_frame_record f;
	unsigned char bytes[VSS_FRAME_RECORD];
	unsigned n = 0;
	int r = 0;

	begin_skippable(s);
	do {
		r = vss_frame_spool_get(c, &f, err);
		if (r > 0) {
			vss_frame_record_put(bytes, &f);
			vss_buf_add(&s->packed, bytes, sizeof bytes);
			n++;
		}
		if (r >= 0 && n && (!r || n == VSS_FRAMES_PER_BLOCK)) {
			if (write_skippable(s, VSS_KIND_FRAMES, &s->frame_tops, err))
				r = -1;
			s->nframe_blocks++;
			begin_skippable(s);
			n = 0;
		}
	} while (r > 0);
	vss_spool_cursor_free(c);
	return r;
}

/* LE32 number of frame blocks, LE32 number of member blocks, the frame blocks' records, the member
 * blocks' with their first paths. */
static int
write_top(struct state *s, struct vss_err *err)
{
	struct vss_trailer *t = &s->w->trailer;
	VSS_AUTOBUF struct vss_buf record = VSS_BUF_INIT;
	unsigned char counts[8];

	vss_put32(counts, s->nframe_blocks);
	vss_put32(counts + 4, s->nmember_blocks);
	vss_buf_reset(&s->block);
	vss_buf_add(&s->block, counts, sizeof counts);
	vss_buf_add(&s->block, s->frame_tops.data, s->frame_tops.len);
	vss_buf_add(&s->block, s->member_tops.data, s->member_tops.len);
	if (s->block.len > VSS_TOP_LIMIT)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "archive: too many members for one archive");
	t->top_at = s->w->at;
	if (pack_into(s, &s->block, err) || write_skippable(s, VSS_KIND_TOP, &record, err))
		return -1;
	t->top_bytes = s->w->at - t->top_at;
	memcpy(t->top_digest, record.data + 12, VSS_DIGEST);
	return 0;
}

/* The seek table goes through this twice: to be digested for the trailer, which lies before it, and
 * to be written. */
struct seek_sink {
	struct vss_digest *digest; /* or NULL: write to fd */
	int fd;
	struct vss_buf buf;
};

static int
sink_put(struct seek_sink *k, const void *p, size_t n, struct vss_err *err)
{
	if (k->digest) {
		vss_digest_add(k->digest, p, n);
		return 0;
	}
	vss_buf_add(&k->buf, p, n);
	if (k->buf.len < 65536)
		return 0;
	if (vss_write_all(k->fd, k->buf.data, k->buf.len, err))
		return vss_wrap(err, "archive: seek table");
	vss_buf_reset(&k->buf);
	return 0;
}

static int
sink_record(struct seek_sink *k, uint32_t stored, uint32_t content, uint32_t check, struct vss_err *err)
{
	unsigned char record[VSS_SEEK_RECORD];

	vss_put32(record, stored);
	vss_put32(record + 4, content);
	vss_put32(record + 8, check);
	return sink_put(k, record, sizeof record, err);
}

static int
sink_frames(struct state *s, struct seek_sink *k, struct vss_err *err)
{
	struct vss_spool_cursor *c = vss_spool_read_from(s->w->frames, 0);
	struct vss_frame_record f;
	int r;

	while ((r = vss_frame_spool_get(c, &f, err)) > 0 && !(r = sink_record(k, f.stored, f.content, f.check, err)))
		;
	vss_spool_cursor_free(c);
	return r;
}

static int
sink_seek_table(struct state *s, struct seek_sink *k, struct vss_err *err)
{
	uint64_t frames = s->w->trailer.frames + s->nskips + 1, bytes = frames * VSS_SEEK_RECORD + VSS_SEEK_FOOTER;
	unsigned char head[VSS_SKIP_HEAD], footer[VSS_SEEK_FOOTER];

	if (bytes > UINT32_MAX)
		return vss_fail(err, VSS_UNSUPPORTED, 0, "archive: too long for one archive");
	vss_put32(head, VSS_SEEK_MAGIC);
	vss_put32(head + 4, (uint32_t)bytes);
	if (sink_put(k, head, sizeof head, err) || sink_frames(s, k, err))
		return -1;
	for (size_t i = 0; i < s->nskips; i++)
		if (sink_record(k, s->skips[i], 0, EMPTY_CHECK, err))
			return -1;
	if (sink_record(k, VSS_TRAILER_BYTES, 0, EMPTY_CHECK, err))
		return -1;
	vss_put32(footer, (uint32_t)frames);
	footer[4] = 0x80; /* records have checksums */
	vss_put32(footer + 5, VSS_SEEK_END_MAGIC);
	return sink_put(k, footer, sizeof footer, err);
}

static int
write_end(struct state *s, struct vss_err *err)
{
	struct seek_sink k = { .digest = s->digest, .fd = s->w->fd, .buf = VSS_BUF_INIT };
	struct vss_trailer_bytes trailer;
	int r;

	if (sink_seek_table(s, &k, err))
		return -1;
	vss_digest_end(s->digest, s->w->trailer.seek_digest);
	if (vss_trailer_put(&trailer, &s->w->trailer, err) || vss_write_all(s->w->fd, &trailer, sizeof trailer, err))
		return vss_wrap(err, "archive: trailer");
	k.digest = NULL;
	r = sink_seek_table(s, &k, err);
	if (!r && vss_write_all(s->w->fd, k.buf.data, k.buf.len, err))
		r = vss_wrap(err, "archive: seek table");
	vss_buf_free(&k.buf);
	s->w->at += VSS_TRAILER_BYTES + VSS_SKIP_HEAD + (s->w->trailer.frames + s->nskips + 1) * VSS_SEEK_RECORD +
		    VSS_SEEK_FOOTER;
	return r;
}

int
vss_index_write(struct vss_index_write *w, struct vss_err *err)
{
	struct state s = { .w = w };
	int r = -1;

	w->trailer.members = 0;
	s.codec = vss_codec_new(0, err);
	s.digest = s.codec ? vss_digest_new(err) : NULL;
	if (s.digest && !write_frames(&s, err) && !write_members(&s, err) && !write_top(&s, err))
		r = write_end(&s, err);
	vss_codec_free(s.codec);
	vss_digest_free(s.digest);
	vss_buf_free(&s.block);
	vss_buf_free(&s.first);
	vss_buf_free(&s.packed);
	vss_buf_free(&s.frame_tops);
	vss_buf_free(&s.member_tops);
	free(s.skips);
	return r;
}
