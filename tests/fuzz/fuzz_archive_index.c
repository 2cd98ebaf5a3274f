/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as an index, behind its digests: the input is the trailer's numbers, then the content
 * of the top or of a member block; an index with right digests is put around it, opened, searched
 * and checked.
 *
 * To see that it finds something: built with -DVSS_FUZZ_CANARY it aborts at a member whose name
 * begins with "c", which no seed has.
 */
#include "archive/digest_internal.h"
#include "archive/frame_internal.h"
#include "archive/index_internal.h"
#include "base/mem.h"
#include "base/num.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

#define HEAD 12u

static struct vss_err err;

/* A skippable frame of this kind at the end of `file`; its digest. */
static void
add_block(struct vss_buf *file, const char *kind, const void *body, size_t n, unsigned char digest[VSS_DIGEST])
{
	unsigned char head[HEAD];
	size_t start = file->len;

	vss_put32(head, VSS_SKIP_MAGIC);
	vss_put32(head + 4, (uint32_t)(VSS_KIND + n));
	memcpy(head + 8, kind, VSS_KIND);
	vss_buf_add(file, head, sizeof head);
	vss_buf_add(file, body, n);
	vss_digest_once(digest, file->data + start, file->len - start, &err);
}

static void
add_packed(struct vss_buf *file, const char *kind, const void *body, size_t n, unsigned char digest[VSS_DIGEST])
{
	struct vss_codec *codec = vss_codec_new(1, &err);
	VSS_AUTOFREE unsigned char *packed = vss_alloc(vss_frame_bound(n));
	size_t out;

	if (vss_frame_pack(codec, packed, vss_frame_bound(n), body, n, &out, &err))
		abort();
	add_block(file, kind, packed, out, digest);
	vss_codec_free(codec);
}

static void
record(struct vss_buf *top, uint64_t at, size_t bytes, const unsigned char digest[VSS_DIGEST])
{
	unsigned char head[12];

	vss_put64(head, at);
	vss_put32(head + 8, (uint32_t)bytes);
	vss_buf_add(top, head, sizeof head);
	vss_buf_add(top, digest, VSS_DIGEST);
}

/* A top that lists one frame block and one member block. */
static void
make_top(struct vss_buf *file, struct vss_buf *top, const unsigned char *data, size_t n)
{
	unsigned char frames[VSS_FRAME_RECORD] = { 0 }, digest[VSS_DIGEST], counts[8] = { 1, 0, 0, 0, 1 };
	size_t start;

	vss_put32(frames + 12, 10240);
	vss_buf_add(top, counts, sizeof counts);
	add_block(file, VSS_KIND_FRAMES, frames, sizeof frames, digest);
	record(top, 0, file->len, digest);
	start = file->len;
	add_packed(file, VSS_KIND_MEMBERS, data, n, digest);
	record(top, start, file->len - start, digest);
	vss_buf_add(top, "\1\0a", 3);
}

static void
add_end(struct vss_buf *file, struct vss_trailer *t)
{
	unsigned char table[VSS_SKIP_HEAD + VSS_SEEK_RECORD + VSS_SEEK_FOOTER] = { 0 }, *footer = table + 8 + 12;
	struct vss_trailer_bytes bytes;

	vss_put32(table, VSS_SEEK_MAGIC);
	vss_put32(table + 4, sizeof table - 8);
	vss_put32(footer, 1);
	vss_put32(footer + 5, VSS_SEEK_END_MAGIC);
	vss_digest_once(t->seek_digest, table, sizeof table, &err);
	if (vss_trailer_put(&bytes, t, &err))
		abort();
	vss_buf_add(file, &bytes, sizeof bytes);
	vss_buf_add(file, table, sizeof table);
}

static void
use(int fd)
{
	struct vss_index *ix = vss_index_open(fd, &err);
	struct vss_index_place place = { 0, 0 };
	struct vss_index_entry e;
	struct vss_frame_record f;

	if (!ix)
		return;
	for (int i = 0; i < 1000 && vss_index_next(ix, &place, &e, &err) > 0; i++) {
		VSS_AUTOFREE char *path = vss_strndup(e.path, e.path_n);

#ifdef VSS_FUZZ_CANARY
		if (path[0] == 'c')
			abort();
#endif
		if (vss_index_find(ix, path, &e, &err) == 0)
			abort(); /* it was just there */
	}
	vss_index_find(ix, "a/b", &e, &err);
	vss_index_find(ix, "zzz", &e, &err);
	for (uint64_t i = 0; i < 3; i++)
		vss_index_frame(ix, i, &f, &err);
	for (uint64_t i = 0; i < vss_index_blocks(ix) && i < 100; i++)
		vss_index_check_block(ix, i, &err);
	vss_index_free(ix);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
	VSS_AUTOBUF struct vss_buf file = VSS_BUF_INIT;
	VSS_AUTOBUF struct vss_buf top = VSS_BUF_INIT;
	struct vss_trailer t = { .frame_bytes = 10240 };
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (n < 10 || n > 1 << 17)
		return close(fd);
	t.frames = data[0];
	t.content_bytes = vss_get32(data + 1) & 0xffffff;
	t.manifest_at = data[5] * 512u;
	t.manifest_span = data[6] * 512u;
	t.data_bytes = vss_get32(data + 5);
	if (data[9] & 1)
		make_top(&file, &top, data + 10, n - 10);
	else
		vss_buf_add(&top, data + 10, n - 10);
	t.top_at = file.len;
	add_packed(&file, VSS_KIND_TOP, top.data, top.len, t.top_digest);
	t.top_bytes = file.len - t.top_at;
	add_end(&file, &t);
	if (fd < 0 || write(fd, file.data, file.len) != (ssize_t)file.len)
		abort();
	use(fd);
	return close(fd);
}
