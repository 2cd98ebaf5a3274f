/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/sparse_internal.h"

#include "base/mem.h"
#include "base/num.h"

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
	const struct vss_member_extent *last = m->nextents ? &m->extents[m->nextents - 1] : NULL;
	bool hole_at_end = m->size > (last ? last->at + last->len : 0);
	uint64_t bytes = 0;

	vss_buf_fmt(map, "%zu\n", m->nextents + hole_at_end);
	for (size_t i = 0; i < m->nextents; i++) {
		vss_buf_fmt(map, "%llu\n%llu\n", (unsigned long long)m->extents[i].at,
			(unsigned long long)m->extents[i].len);
		bytes += m->extents[i].len;
	}
	if (hole_at_end) /* GNU tar sets the size of the file by an empty piece at its end */
		vss_buf_fmt(map, "%llu\n0\n", (unsigned long long)m->size);
	vss_buf_add(map, zeros, vss_tar_padding(map->len));
	return bytes;
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

int
vss_sparse_read(struct vss_tar_in *c, struct vss_tar_entry *e, struct vss_err *err)
{
	struct map_reader mr = { .c = c, .used = VSS_TAR_BLOCK, .most = e->stored / VSS_TAR_BLOCK };
	uint64_t count = 0, end = 0, data = 0;
	size_t cap = 0;

	if (map_number(&mr, &count, err))
		return -1;
	if (count > (uint64_t)VSS_EXTENT_LIMIT + 1)
		return vss_fail(err, VSS_CORRUPT, 0, "archive: data map too long");
	for (uint64_t i = 0; i < count; i++) {
		uint64_t piece[2];

		if (map_number(&mr, &piece[0], err) || map_number(&mr, &piece[1], err) ||
			map_piece(&e->m, &cap, &end, piece, err))
			return -1;
		data += piece[1];
	}
	e->stored -= mr.blocks * VSS_TAR_BLOCK;
	e->data = c->at;
	return data == e->stored ? 0 : vss_fail(err, VSS_CORRUPT, 0, "archive: data map does not match the size");
}
