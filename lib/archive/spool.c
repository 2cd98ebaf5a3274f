/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/spool_internal.h"

#include "archive/frame_internal.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "os/durable.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK (32u << 10) /* small: a merge holds one chunk of every run */
#define HEAD 4u		  /* LE32 length of the compressed chunk behind it */

struct vss_spool {
	int dirfd, fd; /* fd -1: no chunk was full yet */
	struct vss_codec *codec;
	unsigned char raw[CHUNK]; /* the last chunk, not in the file */
	size_t n;
	unsigned char *packed;
	size_t cap;
	uint64_t at;	/* end of the file */
	uint64_t bytes; /* put so far */
};

struct vss_spool_cursor {
	struct vss_spool *spool;
	uint64_t at; /* next chunk */
	unsigned char raw[CHUNK];
	size_t n, used;
	bool ended; /* the last chunk is under hand */
};

struct vss_spool *
vss_spool_new(int dirfd)
{
	struct vss_spool *s = vss_alloc(sizeof *s);

	s->dirfd = dirfd;
	s->fd = -1;
	s->cap = HEAD + vss_frame_bound(CHUNK);
	return s;
}

void
vss_spool_free(struct vss_spool *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd); /* unlinked: nobody will read it, so nothing is lost with an error here */
	vss_codec_free(s->codec);
	free(s->packed);
	free(s);
}

/* The file, and what it takes to fill it, when there is a first chunk for it. */
static int
open_file(struct vss_spool *s, struct vss_err *err)
{
	if (s->fd >= 0)
		return 0;
	s->codec = vss_codec_new(1, err); /* it is read once or twice: fast matters, small does not */
	s->packed = vss_alloc(s->cap);
	if (s->codec)
		s->fd = vss_unlinked_file(s->dirfd, err);
	return s->fd >= 0 ? 0 : -1;
}

static int
flush(struct vss_spool *s, struct vss_err *err)
{
	size_t out;

	if (open_file(s, err) || vss_frame_pack(s->codec, s->packed + HEAD, s->cap - HEAD, s->raw, s->n, &out, err))
		return -1;
	vss_put32(s->packed, (uint32_t)out);
	if (vss_write_all(s->fd, s->packed, HEAD + out, err))
		return vss_wrap(err, "spool");
	s->at += HEAD + out;
	s->n = 0;
	return 0;
}

int
vss_spool_mark(struct vss_spool *s, uint64_t *mark, struct vss_err *err)
{
	if (s->n && flush(s, err))
		return -1;
	*mark = s->at;
	return 0;
}

int
vss_spool_put(struct vss_spool *s, const void *p, size_t n, struct vss_err *err)
{
	const unsigned char *from = p;

	s->bytes += n;
	while (n) {
		size_t part = CHUNK - s->n < n ? CHUNK - s->n : n;

		if (!part) {
			if (flush(s, err))
				return -1;
			continue;
		}
		memcpy(s->raw + s->n, from, part);
		s->n += part;
		from += part;
		n -= part;
	}
	return 0;
}

uint64_t
vss_spool_bytes(const struct vss_spool *s)
{
	return s->bytes;
}

struct vss_spool_cursor *
vss_spool_read_from(struct vss_spool *s, uint64_t mark)
{
	struct vss_spool_cursor *c = vss_alloc(sizeof *c);

	c->spool = s;
	c->at = mark;
	return c;
}

void
vss_spool_cursor_free(struct vss_spool_cursor *c)
{
	free(c);
}

static int
load_chunk(struct vss_spool_cursor *c, struct vss_err *err)
{
	struct vss_spool *s = c->spool;
	unsigned char head[HEAD];
	uint32_t length;

	c->used = 0;
	if (c->at == s->at) {
		memcpy(c->raw, s->raw, s->n);
		c->n = s->n;
		c->ended = true;
		return 0;
	}
	if (vss_pread_all(s->fd, head, HEAD, (off_t)c->at, err))
		return vss_wrap(err, "spool");
	length = vss_get32(head);
	if (length > s->cap - HEAD)
		return vss_fail(err, VSS_CORRUPT, 0, "spool: chunk too long");
	/* The writing side's buffer serves for reading: nothing lies in it between two calls. */
	if (vss_pread_all(s->fd, s->packed, length, (off_t)(c->at + HEAD), err) ||
		vss_frame_unpack(s->codec, c->raw, CHUNK, s->packed, length, &c->n, err))
		return vss_wrap(err, "spool");
	c->at += HEAD + length;
	return 0;
}

int
vss_spool_peek(struct vss_spool_cursor *c, size_t n, const void **p, size_t *got, struct vss_err *err)
{
	if (c->used == c->n && !c->ended && load_chunk(c, err))
		return -1;
	*got = c->n - c->used < n ? c->n - c->used : n;
	*p = c->raw + c->used;
	c->used += *got;
	return 0;
}

int
vss_spool_get(struct vss_spool_cursor *c, void *p, size_t n, struct vss_err *err)
{
	size_t had = 0;

	while (had < n) {
		const void *part;
		size_t got;

		if (vss_spool_peek(c, n - had, &part, &got, err))
			return -1;
		if (!got)
			return had ? vss_fail(err, VSS_CORRUPT, 0, "spool: ends early") : 0;
		memcpy((unsigned char *)p + had, part, got);
		had += got;
	}
	return 1;
}
