/* SPDX-License-Identifier: BSD-2-Clause */
#include "archive/index_internal.h"
#include "base/num.h"

#include <string.h>

size_t
vss_index_entry_bytes(const struct vss_index_entry *e)
{
	return VSS_INDEX_ENTRY_HEAD + e->path_n + 1 + (e->flags & VSS_INDEX_DIGEST ? VSS_DIGEST : 0);
}

void
vss_index_entry_put(struct vss_buf *out, const struct vss_index_entry *e)
{
	unsigned char head[VSS_INDEX_ENTRY_HEAD];

	vss_put32(head, (uint32_t)e->path_n | (uint32_t)e->flags << 16);
	vss_put32(head + 4, e->mode);
	vss_put64(head + 8, e->at);
	vss_put64(head + 16, e->span);
	vss_put64(head + 24, e->size);
	vss_buf_add(out, head, sizeof head);
	vss_buf_add(out, e->path, e->path_n);
	vss_buf_ch(out, 0);
	if (e->flags & VSS_INDEX_DIGEST)
		vss_buf_add(out, e->digest, VSS_DIGEST);
}

size_t
vss_index_entry_get(const unsigned char *p, size_t n, struct vss_index_entry *e)
{
	uint32_t first;
	size_t bytes;

	if (n < VSS_INDEX_ENTRY_HEAD)
		return 0;
	first = vss_get32(p);
	e->path_n = first & 0xffff;
	e->flags = (uint16_t)(first >> 16);
	e->mode = vss_get32(p + 4);
	e->at = vss_get64(p + 8);
	e->span = vss_get64(p + 16);
	e->size = vss_get64(p + 24);
	bytes = vss_index_entry_bytes(e);
	if (bytes > n)
		return 0;
	e->path = (const char *)p + VSS_INDEX_ENTRY_HEAD;
	if (strnlen(e->path, e->path_n + 1) != e->path_n || !vss_is_member_path(e->path, e->path_n))
		return 0;
	if (e->flags & VSS_INDEX_DIGEST)
		memcpy(e->digest, p + VSS_INDEX_ENTRY_HEAD + e->path_n + 1, VSS_DIGEST);
	return bytes;
}
