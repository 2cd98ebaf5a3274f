/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/sparse_internal.h"

#include "base/mem.h"
#include "base/num.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int
vss_sparse_check(const struct vss_member *m, struct vss_err *err)
{
	uint64_t end = 0;

	if (!m->sparse || m->hardlink)
		return 0;
	if (m->nextents > VSS_EXTENT_LIMIT)
		return vss_fail(
			err, VSS_UNSUPPORTED, 0, "%s: more than %u pieces between holes", m->path, VSS_EXTENT_LIMIT);
	for (size_t i = 0; i < m->nextents; i++) {
		const struct vss_member_extent *x = &m->extents[i];

		if (x->at < end || x->at > m->size || !x->len || x->len > m->size - x->at)
			return vss_fail(err, VSS_INVALID, 0, "%s: data map out of order", m->path);
		end = x->at + x->len;
	}
	return 0;
}

size_t
vss_sparse_widen(const struct vss_member *m, struct vss_member_extent *out)
{
	size_t n = 0;

	for (size_t i = 0; i < m->nextents; i++) {
		uint64_t at = m->extents[i].at / VSS_TAR_BLOCK * VSS_TAR_BLOCK,
			 end = m->extents[i].at + m->extents[i].len;

		end = m->size - end < vss_tar_padding(end) ? m->size : end + vss_tar_padding(end);
		if (n && at <= out[n - 1].at + out[n - 1].len)
			out[n - 1].len = end - out[n - 1].at;
		else
			out[n++] = (struct vss_member_extent){ at, end - at };
	}
	return n;
}

uint64_t
vss_sparse_put(struct vss_buf *map, const struct vss_member *m)
{
	static const char zeros[VSS_TAR_BLOCK];
	VSS_AUTOFREE struct vss_member_extent *x = vss_realloc(NULL, m->nextents + 1, sizeof *x);
	size_t n = vss_sparse_widen(m, x);
	bool hole_at_end = m->size > (n ? x[n - 1].at + x[n - 1].len : 0);
	uint64_t bytes = 0;

	vss_buf_fmt(map, "%zu\n", n + hole_at_end);
	for (size_t i = 0; i < n; i++) {
		vss_buf_fmt(map, "%" PRIu64 "\n%" PRIu64 "\n", x[i].at, x[i].len);
		bytes += x[i].len;
	}
	if (hole_at_end) /* GNU tar sets the size of the file by an empty piece at its end */
		vss_buf_fmt(map, "%" PRIu64 "\n0\n", m->size);
	vss_buf_add(map, zeros, vss_tar_padding(map->len));
	return bytes;
}

void
vss_sparse_put_ranges(struct vss_buf *out, const struct vss_member *m)
{
	for (size_t i = 0; i < m->nextents; i++)
		vss_buf_fmt(out, "%s%" PRIu64 ":%" PRIu64, i ? "," : "", m->extents[i].at, m->extents[i].len);
}

int
vss_sparse_take_ranges(struct vss_member *m, const char *text, size_t n, struct vss_err *err)
{
	VSS_AUTOFREE char *list = vss_strndup(text, n);
	size_t cap = m->nextents;

	for (char *range = n ? list : NULL, *rest; range; range = rest) {
		char *length = strchr(range, ':');
		struct vss_member_extent x;

		rest = strchr(range, ',');
		if (rest)
			*rest++ = 0;
		if (!length || (rest && length > rest))
			return vss_fail(err, VSS_CORRUPT, 0, "archive: malformed ranges");
		*length++ = 0;
		if (vss_parse_u64(range, &x.at) || vss_parse_u64(length, &x.len))
			return vss_fail(err, VSS_CORRUPT, 0, "archive: malformed ranges");
		VSS_PUSH(m->extents, m->nextents, cap) = x;
	}
	return 0;
}

/* One decimal line of the map, read through its blocks. */
struct map_reader {
	struct vss_tar_in *c;
	const unsigned char *block;
	size_t used; /* of the block; VSS_TAR_BLOCK: fetch another */
	uint64_t blocks, most;
};

static int
map_number(struct map_reader *mr, uint64_t *out, struct vss_err *err)
{
	char text[24];
	size_t n = 0;

	for (;;) {
		if (mr->used == VSS_TAR_BLOCK) {
			int r = mr->blocks == mr->most ? 0 : vss_tar_in_block(mr->c, &mr->block, err);

			if (r < 0)
				return -1;
			if (!r)
				return vss_fail(err, VSS_CORRUPT, 0, "archive: data map is incomplete");
			mr->used = 0;
			mr->blocks++;
		}
		text[n] = (char)mr->block[mr->used++];
		if (text[n] == '\n')
			break;
		if (++n == sizeof text)
			return vss_fail(err, VSS_CORRUPT, 0, "archive: data map: not a number");
	}
	text[n] = 0;
	return vss_parse_u64(text, out) ? vss_fail(err, VSS_CORRUPT, 0, "archive: data map: not a number") : 0;
}

static int
map_piece(struct vss_member *m, size_t *cap, uint64_t *end, const uint64_t piece[2], struct vss_err *err)
{
	const struct vss_member_extent *last = m->nextents ? &m->extents[m->nextents - 1] : NULL;

	if (piece[0] < *end || piece[0] > m->size || piece[1] > m->size - piece[0])
		return vss_fail(err, VSS_CORRUPT, 0, "archive: data map out of order");
	if (piece[1] && last && last->len % VSS_TAR_BLOCK)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: data map: a piece that is not whole blocks");
	*end = piece[0] + piece[1];
	if (piece[1])
		VSS_PUSH(m->extents, m->nextents, *cap) = (struct vss_member_extent){ piece[0], piece[1] };
	return 0;
}

static int
read_map(struct map_reader *mr, struct vss_tar_entry *e, struct vss_err *err)
{
	uint64_t count = 0, end = 0, data = 0;
	size_t cap = 0;

	if (map_number(mr, &count, err))
		return -1;
	if (count > (uint64_t)VSS_EXTENT_LIMIT + 1)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: data map too long");
	for (uint64_t i = 0; i < count; i++) {
		uint64_t piece[2];

		if (map_number(mr, &piece[0], err) || map_number(mr, &piece[1], err) ||
			map_piece(&e->m, &cap, &end, piece, err))
			return -1;
		data += piece[1];
	}
	e->stored -= mr->blocks * VSS_TAR_BLOCK;
	e->data = mr->c->at;
	return data == e->stored ? 0 : vss_fail(err, VSS_CORRUPT, 0, "archive: data map does not match the size");
}

/* The ranges of a partial member in place of its map. */
static int
put_back(struct vss_member *m, struct vss_member_extent *ranges, size_t n, struct vss_err *err)
{
	VSS_AUTOFREE struct vss_member_extent *map = m->extents;
	VSS_AUTOFREE struct vss_member_extent *wide = vss_realloc(NULL, n + 1, sizeof *wide);
	size_t nmap = m->nextents;

	m->extents = ranges;
	m->nextents = n;
	if (vss_sparse_check(m, err)) {
		err->code = VSS_CORRUPT; /* it was read, nobody gave it */
		return -1;
	}
	if (vss_sparse_widen(m, wide) != nmap || (nmap && memcmp(wide, map, nmap * sizeof *wide) != 0))
		return vss_fail(err, VSS_CORRUPT, 0, "archive: data map does not match the ranges");
	return 0;
}

int
vss_sparse_read(struct vss_tar_in *c, struct vss_tar_entry *e, struct vss_err *err)
{
	struct map_reader mr = { .c = c, .used = VSS_TAR_BLOCK, .most = e->stored / VSS_TAR_BLOCK };
	struct vss_member_extent *ranges = e->m.extents;
	size_t n = e->m.nextents;

	e->m.extents = NULL;
	e->m.nextents = 0;
	if (!read_map(&mr, e, err))
		return e->m.partial ? put_back(&e->m, ranges, n, err) : 0;
	free(ranges);
	return -1;
}
